/** The command line's certificates, as material: each caller's own, from single options or from a folder of certificates. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from '@trunkline/kit/operating-error';
import type { Clock } from '@trunkline/proto/clock';
import { ROLES, type Role } from '@trunkline/proto/link/identity';
import { loadTls, type TlsMaterial } from '@trunkline/proto/link/tls';
import { CALLERS, type Caller, type Certificates } from './wire/reach.ts';

export interface CertificateOptions {
  readonly ca: string | undefined;
  /** A folder as `engine certs` makes it: `ca.pem`, `<role>-<name>.pem`, `<role>-<name>.key`. */
  readonly folder: string | undefined;
  readonly files: Readonly<
    Partial<Record<Caller, { readonly cert?: string | undefined; readonly key?: string | undefined }>>
  >;
}

/** Which certificate of a folder speaks for whom. */
const USUAL: Readonly<Record<Caller, { readonly role: Role; readonly name: string }>> = {
  main: { role: 'engine', name: 'main' },
  tool: { role: 'tool', name: 'tool' },
  observer: { role: 'engine', name: 'observer' },
  stranger: { role: 'engine', name: 'stranger' },
};

export async function loadCertificates(options: CertificateOptions, clock: Clock): Promise<Certificates | ConfigError> {
  const { folder } = options;
  const ca = options.ca ?? (folder === undefined ? undefined : join(folder, 'ca.pem'));
  if (ca === undefined) return new ConfigError('--ca: the authority is missing (or give --certs DIR)');
  const found: Partial<Record<Caller, TlsMaterial>> = {};
  for (const caller of CALLERS) {
    const paths = pathsOf(options, caller);
    if (paths instanceof ConfigError) return paths;
    if (paths === undefined) continue;
    const loaded = await loadTls({ ca, ...paths }, clock);
    if (!loaded.ok) return new ConfigError(`the certificate of ${caller}: ${loaded.message}`);
    found[caller] = loaded.material;
  }
  const { main } = found;
  return main === undefined
    ? new ConfigError('--cert and --key: the certificate that may trade is missing (or give --certs DIR)')
    : { ...found, main };
}

function pathsOf({ folder, files }: CertificateOptions, caller: Caller) {
  const { cert, key } = files[caller] ?? {};
  if (cert !== undefined && key !== undefined) return { cert, key };
  if (cert !== undefined || key !== undefined) {
    const end = caller === 'main' ? '' : `-${caller}`;
    return new ConfigError(`--cert${end} and --key${end} belong together`);
  }
  if (folder === undefined) return undefined;
  const { role, name } = USUAL[caller];
  // A folder need not have all of them, and a name may have been issued for another role.
  for (const each of [role, ...ROLES]) {
    const base = join(folder, `${each}-${name}`);
    if (each !== 'connector' && existsSync(`${base}.pem`)) return { cert: `${base}.pem`, key: `${base}.key` };
  }
  return undefined;
}
