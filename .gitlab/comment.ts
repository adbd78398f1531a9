/**
 * comment.ts STACK <PREVIEW
 * Writes a preview into the comment of a GitLab merge request that is about this stack: the same one each time, edited
 * in place. Run by a job of merge-request.yml, whose variables say where:
 *   CI_API_V4_URL, CI_PROJECT_ID, CI_MERGE_REQUEST_IID   set by GitLab
 *   GITLAB_COMMENT_TOKEN                                 a project access token with scope api and role Reporter
 */
import { text } from "node:stream/consumers";
import { writeComment } from "./previewComment.ts";

function variable(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: comment.ts runs in a job of .gitlab/merge-request.yml`);
  return value;
}

const [stack] = process.argv.slice(2);
if (stack === undefined) throw new Error("usage: comment.ts STACK <PREVIEW");
const project = `${variable("CI_API_V4_URL")}/projects/${variable("CI_PROJECT_ID")}`;
const notes = `${project}/merge_requests/${variable("CI_MERGE_REQUEST_IID")}/notes`;
await writeComment(notes, variable("GITLAB_COMMENT_TOKEN"), stack, await text(process.stdin));
