import { parse } from "yaml";
import { ConfigError } from "../../config/problem.ts";
import { Mistake } from "../../config/written.ts";
import { parseConfig } from "../../check/parse.ts";
import { newSecret } from "./newSecret.ts";
import { type Answers, type Known, questions } from "./questions.ts";
import { stackText } from "./stackText.ts";

/** Where the answers come from. */
export interface Asker {
  /** What was typed, trimmed; empty for Enter alone. @throws when there is nobody to ask any more */
  ask(prompt: string): Promise<string>;
  say(line: string): void;
}

/**
 * Asks until the answers make a stack file without a mistake. A single answer that is none is asked for again at once;
 * where answers do not go together, all are, and Enter keeps what was said.
 */
export async function interview(asker: Asker, known: Known): Promise<Answers> {
  let answers: Partial<Answers> = {};
  for (;;) {
    for (const { key, text, when, suggest, read } of questions) {
      if (when?.(answers) === false) {
        answers = { ...answers, [key]: "" };
        continue;
      }
      const suggestion = answers[key] || suggest?.(answers, known);
      answers = { ...answers, [key]: await answer(asker, text, suggestion, read) };
    }
    const given = answers as Answers; // every question has been asked
    const mistakes = mistakesIn(given);
    if (mistakes === undefined) return given;
    asker.say(`${mistakes}\nOnce more; Enter keeps what you said.`);
  }
}

async function answer(
  { ask, say }: Asker,
  text: string,
  suggestion: string | undefined,
  read: (text: string) => string,
): Promise<string> {
  for (;;) {
    const typed = (await ask(suggestion === undefined ? `${text}: ` : `${text} [${suggestion}]: `)) || suggestion || "";
    try {
      return read(typed);
    } catch (error) {
      if (!(error instanceof Mistake)) throw error;
      say(typed === "" ? "  it has no default" : `  ${brief(typed)} ${error.message}`.replace(" : ", ": "));
    }
  }
}

/** A key that strayed here is not repeated whole. */
const brief = (text: string): string => (text.length > 60 ? `${text.slice(0, 20)}…` : text);

/** What is wrong with the file as a whole. Its own secret is made later, by whoever writes it. */
function mistakesIn(answers: Answers): string | undefined {
  const { config } = parse(stackText(answers, { encryption: {}, secret: "later" })) as {
    config: Readonly<Record<string, unknown>>;
  };
  const raw = Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key.slice("kvm-mirror:".length), value]),
  );
  try {
    parseConfig({ ...raw, secret: newSecret() });
    return undefined;
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
}
