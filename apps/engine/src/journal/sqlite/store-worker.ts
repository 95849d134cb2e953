/**
 * The journal's own thread: `bun:sqlite` blocks while the disk works, and a slow disk must never stop heartbeats or
 * the market lane. Holds one store; answers each call in order. An entry point of the build.
 */
import { openSqliteStore } from './sqlite-store.ts';
import type { Store, StoreMethod, StoreReply, StoreRequest } from './store-protocol.ts';

declare const self: Worker;

let store: Omit<Store, 'open'> | undefined;

const calls: Store = {
  open({ path }) {
    const opened = openSqliteStore(path, { readonly: false });
    if (opened.kind === 'refused') return { refusal: opened.message };
    store = opened.store;
    return { refusal: undefined };
  },
  appendAll: (args) => opened().appendAll(args),
  acquireLease: (args) => opened().acquireLease(args),
  renewLease: (args) => opened().renewLease(args),
  releaseLease: (args) => opened().releaseLease(args),
  loadAccount: (args) => opened().loadAccount(args),
  loadOrder: (args) => opened().loadOrder(args),
  listOrders: (args) => opened().listOrders(args),
  listPositions: (args) => opened().listPositions(args),
  listFills: (args) => opened().listFills(args),
  listEvents: (args) => opened().listEvents(args),
  head: (args) => opened().head(args),
  setHalt: (args) => opened().setHalt(args),
  audit: (args) => opened().audit(args),
  readState: (args) => opened().readState(args),
  writeState: (args) => opened().writeState(args),
  close: (args) => opened().close(args),
};

self.onmessage = (event: MessageEvent<StoreRequest>) => {
  self.postMessage(answer(event.data));
};

function answer<Method extends StoreMethod>(request: StoreRequest<Method>): StoreReply<Method> {
  const { id, method } = request;
  try {
    return reply(id, method, { ok: true, result: calls[method](request.arguments) });
  } catch (error) {
    return reply(id, method, { ok: false, message: error instanceof Error ? error.message : String(error) });
  }
}

function reply<Method extends StoreMethod>(
  id: number,
  method: Method,
  outcome: StoreReply<Method>['outcome'],
): StoreReply<Method> {
  return { id, method, outcome };
}

function opened(): Omit<Store, 'open'> {
  if (!store) throw new Error('the journal is not open');
  return store;
}
