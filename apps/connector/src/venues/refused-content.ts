/**
 * Content of a command that the venue's side does not send: thrown within `Sending.send` before the request leaves, it
 * becomes denied{INVALID, field}.
 */
export class RefusedContent extends Error {
  /** The command's field, as the contract names it. */
  readonly field: string;

  constructor(field: string, message: string) {
    super(`${field} ${message}`);
    this.field = field;
  }
}
