/** A `ConnectorCore` over any venue, as `main.ts` would make it; the same seed gives the same boot id. */
import { ConnectorCore, LANE_DEFAULTS } from '../../apps/connector/src/core.ts';
import type { Grant } from '../../apps/connector/src/grants.ts';
import type { Venue } from '../../apps/connector/src/venues/venue.ts';
import { silentLogger } from '../../packages/kit/src/log.ts';
import { literal, parseOrderTag } from '../../proto/src/ids.ts';
import { clock } from '../../proto/src/link/testing/rig.ts';
import { seededRng } from '../../proto/src/rng.ts';

export async function coreOver(venue: Venue, symbols: readonly string[], grant: Grant): Promise<ConnectorCore> {
  const core = new ConnectorCore({
    venue,
    clock,
    rng: seededRng('suite'),
    log: silentLogger(),
    config: {
      ...LANE_DEFAULTS,
      account: 'main',
      tag: literal(parseOrderTag, 'bin'),
      symbols,
      region: 'local',
      commit: '',
      grants: { 'engine/main': grant },
      guard: {},
    },
  });
  await core.start();
  return core;
}
