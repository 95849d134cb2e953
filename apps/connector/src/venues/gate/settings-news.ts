/** Says how a symbol is traded when that changed: positions tell it with every push, and nearly always as it was. */
import type { AccountSettings } from '@trunkline/proto/gen/trunkline/exchange/v1/account';

export type SayIfNew = (settings: AccountSettings) => void;

export function settingsNews(emit: (settings: AccountSettings) => void): SayIfNew {
  const told = new Map<string, string>();
  return (settings) => {
    const { symbol, leverage, marginMode, positionMode } = settings;
    const now = `${leverage}/${marginMode}/${positionMode}`;
    if (told.get(symbol) === now) return;
    told.set(symbol, now);
    emit(settings);
  };
}
