/**
 * The memory of greylisting, in SQLite, so that it survives a restart. Everything in it can be lost at
 * the cost of one more wait, and nothing that happens to it may cost mail: whatever fails, the answer
 * is to let the sender pass.
 */
import { renameSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import {
  decideGreylist,
  type GreylistAttempt,
  type GreylistRules,
  greylistKeys,
} from "../../core/greylist/greylist.ts";
import { makePrivateFolderSync } from "../atomic-file/atomic-file.ts";
import { createStatements, type GreylistStatements, SCHEMA } from "./greylist-schema.ts";

export interface GreylistDb {
  /** Seconds until this sender may come back, 0 when it may pass. Never throws. */
  check(attempt: GreylistAttempt): number;
  close(): void;
}

export interface GreylistDbOptions extends GreylistRules {
  readonly path: string;
  readonly now: () => Date;
  /** The database failed; the sender passed. */
  readonly onProblem: (problem: Error) => void;
}

/** All of this process waits while SQLite waits for a lock of another program. */
const LOCK_TIMEOUT_MS = 20;
/** After a failure nobody is asked to wait for so long, rather than every sender for the lock. */
const PAUSE_MS = 10_000;
const TIDY_EVERY_MS = 60 * 60 * 1000;
/** Strangers are cheap to make: at so many new ones the memory is tidied before its time. */
const TIDY_EVERY_NEW = 10_000;
const MAX_WAITING = 200_000;
/** SQLite's result codes CORRUPT and NOTADB. */
const DAMAGED = new Set([11, 26]);

/** A damaged database is put aside, and a new one begun. */
export function openGreylistDb(options: GreylistDbOptions): GreylistDb {
  const { path, now, onProblem, expiryMs } = options;
  let statements: GreylistStatements | undefined;
  let pausedUntil = 0;
  let tidiedAt = 0;
  let newSinceTidied = 0;

  function attend(attempt: GreylistAttempt, instant: number): number {
    statements ??= open(path);
    const keys = greylistKeys(attempt);
    const verdict = decideGreylist(statements.find(keys), instant, options);
    if (verdict.remember === "proven") statements.keepProven(keys, instant);
    if (verdict.remember === "waiting") {
      statements.keepWaiting(keys, instant);
      newSinceTidied++;
    }
    if (instant - tidiedAt > TIDY_EVERY_MS || newSinceTidied > TIDY_EVERY_NEW) {
      statements.forgetBefore(instant - expiryMs, MAX_WAITING);
      tidiedAt = instant;
      newSinceTidied = 0;
    }
    return verdict.kind === "wait" ? verdict.seconds : 0;
  }

  function putAside(): void {
    statements?.close();
    statements = undefined;
    for (const suffix of ["", "-wal", "-shm"]) {
      try {
        renameSync(`${path}${suffix}`, `${path}.damaged${suffix}`);
      } catch {
        // The two others need not be there; and a first that cannot be moved will be reported again.
      }
    }
  }

  return {
    check(attempt) {
      const instant = now().getTime();
      if (instant < pausedUntil) return 0;
      try {
        return attend(attempt, instant);
      } catch (cause) {
        if (DAMAGED.has((cause as { errcode?: number }).errcode ?? 0)) putAside();
        else pausedUntil = instant + PAUSE_MS;
        onProblem(new Error(`Cannot use the greylisting database "${path}"`, { cause }));
        return 0;
      }
    },
    close() {
      statements?.close();
      statements = undefined;
    },
  };
}

function open(path: string): GreylistStatements {
  makePrivateFolderSync(dirname(path));
  const database = new DatabaseSync(path, { timeout: LOCK_TIMEOUT_MS });
  try {
    database.exec(SCHEMA);
    return createStatements(database);
  } catch (cause) {
    database.close();
    throw cause;
  }
}
