/**
 * How the service is reached, and as whom. A connector that listens can be dialled under every certificate at hand; one
 * that dials knows one engine, so only that engine's certificate can speak to it.
 *
 * R1  `open` waits until both lanes are up, or says why they are not within `REACH_LIMIT_MS`.
 * R2  A link is made once for each certificate and closed by `close`.
 */
import type { Clock } from '@trunkline/proto/clock';
import type { Address } from '@trunkline/proto/link/dialer';
import { openGateway } from '@trunkline/proto/link/gateway';
import { LANES } from '@trunkline/proto/link/identity';
import type { Link } from '@trunkline/proto/link/link';
import { connectListen } from '@trunkline/proto/link/listen';
import type { LinkLog } from '@trunkline/proto/link/log';
import type { TlsMaterial } from '@trunkline/proto/link/tls';
import type { TlsSource } from '@trunkline/proto/link/tls-source';
import type { Rng } from '@trunkline/proto/rng';
import { Wire } from './wire.ts';

/** Under whose certificate a card speaks: its grant at the connector, or none. */
export const CALLERS = ['main', 'tool', 'observer', 'stranger'] as const;
export type Caller = (typeof CALLERS)[number];

export type Certificates = Readonly<Partial<Record<Caller, TlsMaterial>>> & { readonly main: TlsMaterial };

export interface ReachOptions {
  readonly mode: 'listen' | 'dial';
  /** The connector's address, or ours for it to dial. */
  readonly address: Address;
  readonly connector: string;
  readonly certificates: Certificates;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly log: LinkLog;
}

export type Opened = { readonly ok: true; readonly wire: Wire } | { readonly ok: false; readonly reason: string };

export interface Reach {
  readonly mode: 'listen' | 'dial';
  readonly callers: ReadonlySet<Caller>;
  open(caller: Caller, limitMs?: number): Promise<Opened>;
  close(): Promise<void>;
}

const REACH_LIMIT_MS = 20_000;

export async function openReach(
  options: ReachOptions,
): Promise<{ readonly ok: true; readonly reach: Reach } | { readonly ok: false; readonly reason: string }> {
  return options.mode === 'listen' ? { ok: true, reach: overListen(options) } : overGateway(options);
}

function overListen(options: ReachOptions): Reach {
  const { connector, address, certificates, clock, rng, log } = options;
  const links = new Map<Caller, { link: Link; refused: string }>();
  const linkOf = (caller: Caller, tls: TlsSource) => {
    const held = links.get(caller);
    if (held !== undefined) return held;
    const made: { link: Link; refused: string } = {
      refused: '',
      link: connectListen({
        ...{ connector, address, tls, clock, rng, log },
        onRefused: ({ reason, detail }) => {
          made.refused = `${reason}: ${detail}`;
        },
      }),
    };
    links.set(caller, made);
    return made;
  };
  return {
    mode: 'listen',
    callers: new Set(CALLERS.filter((caller) => certificates[caller] !== undefined)),
    async open(caller, limitMs = REACH_LIMIT_MS) {
      const material = certificates[caller];
      if (material === undefined) return { ok: false, reason: `there is no certificate for ${caller}` };
      const made = linkOf(caller, fixedSource(material));
      const isUp = await bothLanes(made.link, clock, limitMs);
      if (isUp) return { ok: true, wire: new Wire(made.link, clock) };
      // Whoever was refused does not go on knocking for the rest of the run.
      links.delete(caller);
      await made.link.close();
      return { ok: false, reason: made.refused === '' ? `no connection within ${limitMs} ms` : made.refused };
    },
    async close() {
      await Promise.all([...links.values()].map(({ link }) => link.close()));
    },
  };
}

async function overGateway(options: ReachOptions) {
  const { connector, address, certificates, clock, log } = options;
  const tls = fixedSource(certificates.main);
  const bound = await openGateway({ ...address, tls, connectors: [connector], clock, log });
  if (!bound.ok) return { ok: false as const, reason: bound.message };
  const { gateway } = bound;
  const reach: Reach = {
    mode: 'dial',
    callers: new Set(['main'] as const),
    async open(caller, limitMs = REACH_LIMIT_MS) {
      const link = gateway.link(connector);
      if (caller !== 'main' || link === undefined) {
        return { ok: false, reason: 'a connector that dials is spoken to by its one engine' };
      }
      const isUp = await bothLanes(link, clock, limitMs);
      return isUp
        ? { ok: true, wire: new Wire(link, clock) }
        : { ok: false, reason: `${connector} did not dial in within ${limitMs} ms` };
    },
    close: () => gateway.close(),
  };
  return { ok: true as const, reach };
}

/** Certificates that do not change during a run. */
function fixedSource(material: TlsMaterial): TlsSource {
  return { current: () => material, onChange: () => () => {}, close: () => {} };
}

function bothLanes(link: Link, clock: Clock, limitMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const isUp = () => LANES.every((lane) => link.state(lane).kind === 'up');
    const settle = (up: boolean) => {
      timer.cancel();
      // Within the call that adds the listener its remover is not known yet.
      queueMicrotask(() => stop());
      resolve(up);
    };
    const timer = clock.schedule(limitMs, () => settle(false));
    const stop = link.onState(() => {
      if (isUp()) settle(true);
    });
  });
}
