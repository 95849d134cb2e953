/**
 * The TLS material of this moment. Connections read it when they are made, so a renewed certificate serves the next
 * connection without a restart; those that stand keep what they were made with until `maxConnectionAgeMs`.
 *
 * S1  Files that do not load (half written, key before certificate, expired) change nothing: the last good material
 *     stays, the failure is logged once, and the next look tries again.
 */
import type { Clock } from '../clock.ts';
import type { LinkLog } from './log.ts';
import { loadTls, type TlsError, type TlsMaterial, type TlsPaths } from './tls.ts';

export interface TlsSource {
  current(): TlsMaterial;
  /** Called after each change, with the new material. Returns the way to stop. */
  onChange(listener: (material: TlsMaterial) => void): () => void;
  close(): void;
}

export interface WatchTlsOptions {
  readonly paths: TlsPaths;
  readonly clock: Clock;
  readonly log: LinkLog;
  /** How often the files are looked at, in milliseconds. */
  readonly intervalMs?: number;
}

export type WatchTlsResult = { readonly ok: true; readonly source: TlsSource } | TlsError;

/** Polled, not notified: mounted secrets are swapped by symlink, which file notifications miss or see in pieces. */
const LOOK_INTERVAL_MS = 10_000;

/** Loads the files, then keeps looking at them. The first load must succeed. */
export async function watchTls(options: WatchTlsOptions): Promise<WatchTlsResult> {
  const { paths, clock, log, intervalMs = LOOK_INTERVAL_MS } = options;
  const first = await loadTls(paths, clock);
  if (!first.ok) return first;

  const listeners = new Set<(material: TlsMaterial) => void>();
  let material = first.material;
  let lastFailure: string | undefined;
  let closed = false;

  const look = async () => {
    const result = await loadTls(paths, clock);
    if (closed) return;
    if (!result.ok) {
      if (result.message !== lastFailure)
        log.warn({ file: result.file, code: result.code }, `kept the old certificate: ${result.message}`);
      lastFailure = result.message;
    } else {
      lastFailure = undefined;
      if (changed(material, result.material)) {
        material = result.material;
        log.info({ file: paths.cert, expiresAtMs: material.expiresAtMs }, 'loaded a new certificate');
        for (const listener of listeners) listener(material);
      }
    }
    timer = clock.schedule(intervalMs, lookAgain);
  };
  // `look` maps every failure to a value: it does not reject.
  const lookAgain = () => void look();
  let timer = clock.schedule(intervalMs, lookAgain);

  return {
    ok: true,
    source: {
      current: () => material,
      onChange(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      close() {
        closed = true;
        timer.cancel();
        listeners.clear();
      },
    },
  };
}

function changed(before: TlsMaterial, after: TlsMaterial): boolean {
  return before.ca !== after.ca || before.cert !== after.cert || before.key !== after.key;
}
