/** A thread that checkpoints one SQLite database, whose path it is given, and ends. */
import { existsSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { workerData } from "node:worker_threads";

// Who writes goes on doing so: a passive checkpoint waits for nobody, and nobody for it.
if (existsSync(workerData)) {
  const database = new DatabaseSync(workerData, { timeout: 5000 });
  database.exec("PRAGMA wal_checkpoint(PASSIVE)");
  database.close();
}
