#!/usr/bin/env bun
/**
 * `conformance`: tests any ExchangeService over the wire, card by card. Exit codes: 0 nothing failed, 1 a card failed or
 * the service cannot be tested, 2 wrong usage.
 *
 * M1  Standard output carries the results alone: a line a card, or one JSON value with `--json`.
 */
import {
  type Command,
  command,
  decimalNumber,
  flag,
  list,
  type OptionValues,
  type Outcome,
  runCli,
  text,
  valueOption,
  whole,
  withDefault,
} from '@trunkline/kit/cli';
import { createLogger } from '@trunkline/kit/log';
import { ConfigError, EXIT_FAILED, EXIT_OK, OperatingError } from '@trunkline/kit/operating-error';
import { HOST_PORT_IN_WORDS, isName, NAME_IN_WORDS, parseHostPort } from '@trunkline/kit/values';
import { systemClock } from '@trunkline/proto/clock';
import { decimal } from '@trunkline/proto/decimal';
import { systemRng } from '@trunkline/proto/rng';
import { RELEASE_VERSION } from '@trunkline/proto/version';
import { missingFor } from './card.ts';
import { chooseCards } from './cards/choose.ts';
import { CARD_GROUPS } from './cards/groups.ts';
import { prepare } from './conformance.ts';
import { formatCards, formatResult, formatTotal, summaryOf } from './report.ts';
import { loadCertificates } from './settings.ts';
import { SimControl } from './suite/sim-control.ts';
import { readPeerName } from './wire/peer-name.ts';
import { openReach, type ReachOptions } from './wire/reach.ts';

const named = (given: string) => (isName(given) ? given : undefined);
const origin = (given: string) => (/^https?:\/\/[^/\s]+$/.test(given) ? given : undefined);
const certificate = (who: string) => text(`certificate of ${who}, PEM`, 'FILE');
const key = (who: string) => text(`private key of ${who}, PEM`, 'FILE');

const options = {
  target: valueOption('the connector, where it listens', 'HOST:PORT', HOST_PORT_IN_WORDS, parseHostPort),
  gateway: valueOption('where to wait for a connector that dials', 'HOST:PORT', HOST_PORT_IN_WORDS, parseHostPort),
  name: valueOption(
    "the name in the connector's certificate (default with --target: whatever it shows)",
    'NAME',
    NAME_IN_WORDS,
    named,
  ),
  ca: text('the authority of all certificates, PEM', 'FILE'),
  cert: certificate('an engine that may trade'),
  key: key('that engine'),
  'cert-tool': certificate('a tool'),
  'key-tool': key('the tool'),
  'cert-observer': certificate('an engine that may observe'),
  'key-observer': key('the observer'),
  'cert-stranger': certificate('somebody who is granted nothing'),
  'key-stranger': key('the stranger'),
  certs: text('a folder as `engine certs` makes it, with main, tool, observer and stranger', 'DIR'),
  sim: valueOption(
    'the control API of the emulator behind the connector',
    'URL',
    'an origin such as http://127.0.0.1:9000',
    origin,
  ),
  'sim-venue': text('the front of the emulator, e.g. binance-usdm', 'FRONT'),
  symbol: text('the symbol to trade (default: the first that Describe names)', 'SYMBOL'),
  epoch: whole('the first epoch to use (default: one above the highest seen by the connector)', { min: 1 }),
  'max-notional': withDefault(
    decimalNumber('the most that one order may be worth, in the quote currency'),
    decimal('20000'),
  ),
  'may-stop-pid': whole("the connector's process, if it may be told to stop", { min: 2 }),
  only: list('cards or groups, e.g. ORD-04 or ORD'),
  list: flag('print the cards and do nothing'),
  dry: flag('connect, print which cards would run and which would be skipped and why, and do nothing'),
  json: flag('print one JSON value: {passed, failed, skipped, cards}'),
};

type Given = OptionValues<typeof options>;

const root: Command = command({
  name: 'conformance',
  summary: 'Test an ExchangeService over the wire, card by card.',
  details:
    'It places small orders and trades them back, moves settings and restores them, and breaks its own streams. Use an ' +
    'account of its own, on a testnet or the emulator, in one-way mode. The epochs that it uses stay used: an engine with a ' +
    'journal must take a higher one, or the connector be started anew.',
  options,
  args: {},
  examples: [
    'conformance --target 127.0.0.1:7001 --certs certs',
    'conformance --gateway 127.0.0.1:7443 --name edge-1 --certs certs --sim http://127.0.0.1:9000 --sim-venue gate-spot',
  ],
  run: ({ options: given }) => run(given),
});

async function run(given: Given): Promise<Outcome> {
  const cards = chooseCards(given.only);
  if (cards instanceof OperatingError) return cards;
  if (given.list) {
    process.stdout.write(formatCards(CARD_GROUPS, cards, () => undefined));
    return EXIT_OK;
  }
  const reachOptions = await readReach(given);
  if (reachOptions instanceof OperatingError) return reachOptions;
  const opened = await openReach(reachOptions);
  if (!opened.ok) return new OperatingError(opened.reason);
  const { reach } = opened;
  const prepared = await prepare({
    reach,
    clock: reachOptions.clock,
    rng: reachOptions.rng,
    symbol: given.symbol,
    firstEpoch: given.epoch,
    sim: given.sim === undefined ? undefined : new SimControl({ url: given.sim, front: given['sim-venue'] }),
    mayStopPid: given['may-stop-pid'],
    maxNotional: given['max-notional'],
  });
  if (prepared instanceof OperatingError) return prepared;
  if (given.dry) {
    process.stdout.write(formatCards(CARD_GROUPS, cards, (card) => missingFor(card, prepared.target)));
    return EXIT_OK;
  }
  const results = await prepared.run(cards, (result) => {
    if (!given.json) process.stdout.write(formatResult(result));
  });
  const summary = summaryOf(results);
  process.stdout.write(given.json ? `${JSON.stringify(summary)}\n` : formatTotal(summary));
  await reach.close();
  return summary.failed === 0 ? EXIT_OK : EXIT_FAILED;
}

async function readReach(given: Given): Promise<ReachOptions | OperatingError> {
  const address = given.target ?? given.gateway;
  if (address === undefined || (given.target !== undefined && given.gateway !== undefined)) {
    return new ConfigError('exactly one of --target and --gateway must be given');
  }
  const clock = systemClock();
  const certificates = await loadCertificates(
    {
      ca: given.ca,
      folder: given.certs,
      files: {
        main: { cert: given.cert, key: given.key },
        tool: { cert: given['cert-tool'], key: given['key-tool'] },
        observer: { cert: given['cert-observer'], key: given['key-observer'] },
        stranger: { cert: given['cert-stranger'], key: given['key-stranger'] },
      },
    },
    clock,
  );
  if (certificates instanceof ConfigError) return certificates;
  let connector = given.name;
  if (connector === undefined) {
    if (given.gateway !== undefined) return new ConfigError('--name: a gateway must know whom it lets in');
    const peer = await readPeerName(address, certificates.main, clock);
    if (!peer.ok) return new OperatingError(`--target: ${peer.reason}`);
    connector = peer.name;
  }
  const mode = given.target === undefined ? 'dial' : 'listen';
  const log = createLogger({ name: 'conformance', level: 'error', destination: 'stderr' });
  return { mode, address, connector, certificates, clock, rng: systemRng(), log };
}

const code = await runCli({
  root,
  version: RELEASE_VERSION,
  words: process.argv.slice(2),
  stdout: (words) => process.stdout.write(words),
  stderr: (words) => process.stderr.write(words),
  log: createLogger({ name: 'conformance', level: 'info', destination: 'stderr' }),
});
// Connections that are still retired would keep the process for some seconds.
process.exit(code);
