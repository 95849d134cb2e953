/** Versions that both sides of the wire compare. */

/** MAJOR.MINOR of the contract. A peer of the same major and at most one minor apart is served. */
export const PROTOCOL_VERSION = '1.0';

/** The release of every program in this repository; package.json says the same (checked by a test). */
export const RELEASE_VERSION = '0.1.0';

/** Whether a peer that speaks `version` can be served. */
export function isProtocolCompatible(version: string): boolean {
  const theirs = parseVersion(version);
  const ours = parseVersion(PROTOCOL_VERSION);
  if (!theirs || !ours) return false;
  return theirs.major === ours.major && Math.abs(theirs.minor - ours.minor) <= 1;
}

function parseVersion(version: string): { major: number; minor: number } | undefined {
  const match = /^(\d{1,4})\.(\d{1,4})$/.exec(version);
  if (!match) return undefined;
  return { major: Number(match[1]), minor: Number(match[2]) };
}
