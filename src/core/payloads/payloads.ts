/**
 * From a whole message to what it wants of the calendar: finds the carriers (`text/calendar`, `.ics`,
 * `winmail.dat`, in forwarded messages too, and all of these inside of `winmail.dat`) and reads them into
 * payloads. Where mail and calendar meet; decides nothing about events that exist already.
 */
export { type MessageReading, type ReadingContext, readMessage } from "./read-message.ts";
export type { SenderProof } from "./sender-proof.ts";
