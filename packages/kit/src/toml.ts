/** Writes what `loadConfig` reads: for programs that configure other programs. */
import { stringify } from 'smol-toml';

export interface TomlTable {
  readonly [key: string]: TomlValue;
}
export type TomlValue = string | number | boolean | TomlTable | readonly TomlValue[];

export function formatToml(table: TomlTable): string {
  return `${stringify(table)}\n`;
}
