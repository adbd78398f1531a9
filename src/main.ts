/** The program: configuration → plan → resources → inventory. */
import "./components/plainStacks.ts";
import * as pulumi from "@pulumi/pulumi";
import { asRunError } from "./components/asRunError.ts";
import { declare } from "./components/declare.ts";
import { loadConfig } from "./check/load.ts";
import { notesOf } from "./check/notes.ts";
import { makeInventory } from "./inventory/makeInventory.ts";
import { makePlan } from "./plan/makePlan.ts";
import { deriveKeys } from "./plan/secrets.ts";

const stack = { project: pulumi.getProject(), stack: pulumi.getStack() };
const config = asRunError(loadConfig);
for (const note of notesOf(config)) pulumi.log.warn(note);
const plan = asRunError(() => makePlan(config, stack));
const keys = deriveKeys(config.secret, config.keyGeneration, stack);

export const inventory = declare(plan, keys, config.monitoring.notify, makeInventory(plan));
