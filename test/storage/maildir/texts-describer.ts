import type { Describer } from "../../../src/storage/maildir/maildir.ts";
import { shoutingDescriber } from "./mailbox-sandbox.ts";

/** For threads. */
export const describer: Describer = shoutingDescriber();
