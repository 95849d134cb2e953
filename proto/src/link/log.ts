/** What the link asks of a logger; the apps hand in their own. Fields never hold keys, certificates or payloads. */
export interface LinkLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** The code of a system or TLS error (`ECONNREFUSED`, `CERT_HAS_EXPIRED`), or its text where it has none. */
export function errorCode(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}
