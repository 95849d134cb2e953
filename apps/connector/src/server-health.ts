/**
 * `grpc.health.v1.Health`: SERVING while the venue is connected and the account ready, NOT_SERVING otherwise. It is
 * for load balancers, orchestrators and people; the engine reads the venue's status in its session.
 *
 * A watcher that does not read costs nothing: only the newest status is worth writing, and it is written on a change.
 */
import { status as Code, type ServerWritableStream } from '@grpc/grpc-js';
import {
  type HealthCheckRequest,
  type HealthCheckResponse,
  type HealthServer,
  HealthCheckResponse_ServingStatus as ServingStatus,
} from '@trunkline/proto/gen/grpc/health/v1/health';
import { ExchangeServiceClient } from '@trunkline/proto/gen/trunkline/exchange/v1/exchange_service';

/** The names that are known: the process as a whole, and its one service. */
const SERVICES: readonly string[] = ['', ExchangeServiceClient.serviceName];

/** Whether the connector serves, and a place to hear of changes. */
export class HealthState {
  readonly #listeners = new Set<() => void>();
  #serving = false;

  get serving(): boolean {
    return this.#serving;
  }

  set(serving: boolean): void {
    if (serving === this.#serving) return;
    this.#serving = serving;
    for (const listener of this.#listeners) listener();
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

export function healthHandlers(health: HealthState): HealthServer {
  return {
    check(call, answer) {
      if (SERVICES.includes(call.request.service)) answer(null, statusNow(health));
      else answer({ code: Code.NOT_FOUND, details: `no service ${JSON.stringify(call.request.service.slice(0, 80))}` });
    },
    list(_call, answer) {
      answer(null, { statuses: Object.fromEntries(SERVICES.map((service) => [service, statusNow(health)])) });
    },
    watch(call) {
      if (SERVICES.includes(call.request.service)) watch(call, health);
      // The protocol: an unknown service may become known, so the call stays open.
      else call.write({ status: ServingStatus.SERVICE_UNKNOWN });
    },
  };
}

function watch(call: ServerWritableStream<HealthCheckRequest, HealthCheckResponse>, health: HealthState): void {
  call.write(statusNow(health));
  const stop = health.onChange(() => call.write(statusNow(health)));
  call.once('cancelled', stop);
  call.once('close', stop);
}

function statusNow({ serving }: HealthState): HealthCheckResponse {
  return { status: serving ? ServingStatus.SERVING : ServingStatus.NOT_SERVING };
}
