/** The program: configuration → plan → resources → inventory. */
import * as pulumi from "@pulumi/pulumi";
import { declare } from "./components/declare.ts";
import { loadConfig } from "./config/load.ts";
import { makeInventory } from "./makeInventory.ts";
import { makePlan } from "./plan/makePlan.ts";
import { deriveKeys } from "./plan/secrets.ts";

const config = loadConfig();
const keys = deriveKeys(config.secret, config.keyGeneration);
const plan = makePlan(config, { project: pulumi.getProject(), stack: pulumi.getStack() });

export const inventory = declare(plan, keys, makeInventory(plan));
