/** The summary for people. */
import type { Summary } from './summary.ts';

export function formatSummary(summary: Summary): string {
  const { orders, agreement, journal, pnl } = summary;
  const lines = [
    '',
    summary.ok ? 'ok: journal and venue agree in every order, fill, position and balance' : 'NOT OK: see above',
    `  ran        ${summary.seconds} s`,
    ...summary.connectors.map((connector) => {
      const { events } = connector;
      const rtt = connector.rttUs
        ? `round trip p50 ${connector.rttUs.p50} us, p99 ${connector.rttUs.p99} us`
        : 'no round trip';
      const memory = connector.rssBytes === null ? '' : `, ${Math.round(connector.rssBytes / 1_048_576)} MiB`;
      return `  connector  ${connector.name} (${connector.venue} ${connector.market}, ${connector.link}): ${connector.boots} boots, ${events.quotes} quotes, ${events.books} books, ${events.trades} trades, ${connector.fills} fills, ${connector.gaps} gaps, ${rtt}${memory}`;
    }),
    `  orders     ${orders.intents} intents: ${orders.filled} filled, ${orders.canceled} canceled, ${orders.rejected} rejected, ${orders.expired} expired, ${orders.denied} denied, ${orders.absent} absent, ${orders.unknown} unknown, ${orders.lost} lost, ${orders.open} open`,
    `  fills      ${summary.fills}`,
    ...summary.positions.map(
      (each) => `  position   ${each.account} ${each.symbol}: ${each.quantity} (venue ${each.venueQuantity})`,
    ),
    ...summary.balances.map(
      (each) => `  balance    ${each.account} ${each.asset}: ${each.total} (venue ${each.venueTotal})`,
    ),
    `  pnl        realized ${pnl.realized}, unrealized ${pnl.unrealized}, fees ${pnl.fees}, funding ${pnl.funding}`,
    `  journal    ${journal.path}: ${journal.events} events, head ${journal.head.slice(0, 16)}, ${journal.verified ? 'verified' : 'NOT VERIFIED'}`,
    `  compared   ${agreement.compared.orders} orders, ${agreement.compared.fills} fills with the ground truth of the sim`,
  ];
  return `${lines.join('\n')}\n`;
}
