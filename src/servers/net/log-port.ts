/** What servers need of a log; pino fits. Never a password, never a message body. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  /** Whether such events are written down at all; a log without it takes everything. */
  isLevelEnabled?(level: "debug"): boolean;
}
