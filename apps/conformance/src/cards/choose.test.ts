import { expect, test } from 'bun:test';
import { ConfigError } from '@trunkline/kit/operating-error';
import { chooseCards } from './choose.ts';
import { CARD_GROUPS } from './groups.ts';

const ids = (only: readonly string[]) => {
  const chosen = chooseCards(only);
  return chosen instanceof ConfigError ? chosen.message : chosen.map(({ id }) => id);
};

test('without a choice every card is run', () => {
  expect(ids([])).toEqual(CARD_GROUPS.flatMap(({ cards }) => cards.map(({ id }) => id)));
});

test('a card and a group are chosen by name, in the order of the suite, each once', () => {
  expect(ids(['drn', 'CXL-02', 'CXL-02'])).toEqual(['CXL-02', 'DRN-01']);
});

test('what is no card is refused with the nearest that is', () => {
  expect(ids(['CXL-2'])).toContain('did you mean CXL-0');
});

test('every card says what it does and what must follow, and no id stands twice', () => {
  const cards = CARD_GROUPS.flatMap((each) => each.cards);
  expect(new Set(cards.map(({ id }) => id)).size).toBe(cards.length);
  for (const { title, action, expected } of cards) {
    expect(title).not.toBe('');
    expect(title).not.toEndWith('.');
    expect(action).toEndWith('.');
    expect(expected.length).toBeGreaterThan(0);
  }
});
