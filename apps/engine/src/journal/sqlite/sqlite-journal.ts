/**
 * The SQLite journal: the `Journal` interface in the engine's thread, the database in a Worker.
 *
 * Q1  Appends of one turn of the event loop travel and commit together; while a commit runs, the next ones gather
 *     (group commit). They commit in the order in which they were handed in.
 * Q2  At most `MAX_QUEUED_APPENDS` wait (policy: refuse). Beyond that an append fails as busy, and nothing was written.
 * Q3  A worker that dies fails every call, those in flight and those to come: the account halts, it never guesses.
 */
import type { Append, AppendResult, Journal } from '../journal.ts';
import type { StoreCalls, StoreMethod, StoreReply, StoreRequest } from './store-protocol.ts';

const MAX_QUEUED_APPENDS = 20_000;

export type OpenJournal =
  | { readonly kind: 'open'; readonly journal: Journal }
  | { readonly kind: 'refused'; readonly message: string };

/** Opens or creates the journal at `path`. The message of a refusal names the file and is one line. */
export async function openSqliteJournal(path: string): Promise<OpenJournal> {
  const client = new StoreClient();
  const opened = await client.call('open', { path });
  if (opened.refusal === undefined) return { kind: 'open', journal: journalOver(client, path) };
  client.terminate();
  return { kind: 'refused', message: opened.refusal };
}

function journalOver(client: StoreClient, path: string): Journal {
  const appends = new AppendQueue(client);
  return {
    location: path,
    append: (append) => appends.append(append),
    acquireLease: (claim) => client.call('acquireLease', claim),
    renewLease: (claim, { ttlMs, nowUs }) => client.call('renewLease', { claim, ttlMs, nowUs }),
    async releaseLease(claim) {
      await client.call('releaseLease', { claim });
    },
    loadAccount: (account) => client.call('loadAccount', { account }),
    loadOrder: (account, clientOrderId) => client.call('loadOrder', { account, clientOrderId }),
    listOrders: (filter) => client.call('listOrders', filter),
    listPositions: (filter) => client.call('listPositions', filter),
    listFills: (filter) => client.call('listFills', filter),
    listEvents: (filter) => client.call('listEvents', filter),
    head: () => client.call('head', null),
    async setHalt(halt) {
      await client.call('setHalt', { halt });
    },
    async audit(row) {
      await client.call('audit', { row });
    },
    readState: (key) => client.call('readState', { key }),
    async writeState(key, value) {
      await client.call('writeState', { key, value });
    },
    async close() {
      await appends.idle();
      await client.call('close', null);
      client.terminate();
    },
  };
}

interface QueuedAppend {
  readonly append: Append;
  readonly resolve: (result: AppendResult) => void;
}

/** Q1 and Q2: one batch in flight, everything that arrives meanwhile is the next. */
class AppendQueue {
  readonly #client: StoreClient;
  #waiting: QueuedAppend[] = [];
  #running: Promise<void> | undefined;

  constructor(client: StoreClient) {
    this.#client = client;
  }

  append(append: Append): Promise<AppendResult> {
    if (this.#waiting.length >= MAX_QUEUED_APPENDS) {
      return Promise.resolve({ kind: 'failed', code: 'busy', message: `${MAX_QUEUED_APPENDS} appends are waiting` });
    }
    return new Promise((resolve) => {
      this.#waiting.push({ append, resolve });
      this.#running ??= this.#drain();
    });
  }

  /** Resolves once nothing waits and nothing is in flight. */
  async idle(): Promise<void> {
    await this.#running;
  }

  async #drain(): Promise<void> {
    // One microtask later everything of this turn of the event loop has been handed in.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      const results = await this.#commit(batch.map((queued) => queued.append));
      for (const [index, queued] of batch.entries()) {
        queued.resolve(
          results[index] ?? { kind: 'failed', code: 'io', message: 'the journal left an append unanswered' },
        );
      }
    }
    this.#running = undefined;
  }

  async #commit(appends: readonly Append[]): Promise<readonly AppendResult[]> {
    try {
      return await this.#client.call('appendAll', { appends });
    } catch (error) {
      // Only a dead worker rejects here (Q3): the store turns every fault of the database into a result.
      const message = error instanceof Error ? error.message : String(error);
      return appends.map(() => ({ kind: 'failed', code: 'closed', message }));
    }
  }
}

type Waiting = {
  [M in StoreMethod]?: Map<number, (outcome: StoreReply<M>['outcome']) => void>;
};

/** Calls into the worker, matched to their replies by method and number. */
class StoreClient {
  readonly #worker = new Worker(new URL('./store-worker.ts', import.meta.url).href);
  readonly #waiting: Waiting = {};
  #nextId = 1;
  #dead: string | undefined;

  constructor() {
    this.#worker.onmessage = (event: MessageEvent<StoreReply>) => this.#settle(event.data);
    this.#worker.onerror = (event) => this.#die(event.message);
    this.#worker.addEventListener('close', () => this.#die('the journal worker has ended'));
  }

  call<Method extends StoreMethod>(
    method: Method,
    args: StoreCalls[Method]['arguments'],
  ): Promise<StoreCalls[Method]['result']> {
    if (this.#dead !== undefined) return Promise.reject(new Error(this.#dead));
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#mapOf(method).set(id, (outcome) => {
        if (outcome.ok) resolve(outcome.result);
        else reject(new Error(outcome.message));
      });
      const request: StoreRequest<Method> = { id, method, arguments: args };
      this.#worker.postMessage(request);
    });
  }

  terminate(): void {
    this.#dead ??= 'the journal is closed';
    this.#worker.terminate();
  }

  #mapOf<Method extends StoreMethod>(method: Method): Map<number, (outcome: StoreReply<Method>['outcome']) => void> {
    const held: Waiting[Method] = this.#waiting[method];
    if (held) return held;
    const created: NonNullable<Waiting[Method]> = new Map();
    this.#waiting[method] = created;
    return created;
  }

  #settle<Method extends StoreMethod>(reply: StoreReply<Method>): void {
    const map = this.#mapOf(reply.method);
    const finish = map.get(reply.id);
    map.delete(reply.id);
    finish?.(reply.outcome);
  }

  #die(reason: string): void {
    if (this.#dead !== undefined) return;
    this.#dead = reason;
    for (const map of Object.values(this.#waiting)) {
      for (const finish of map.values()) finish({ ok: false, message: reason });
      map.clear();
    }
  }
}
