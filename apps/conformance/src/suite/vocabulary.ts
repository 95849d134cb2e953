/** The names of the contract: its methods and the values of its enumerations. */
import { ExchangeServiceService as Service } from '@trunkline/proto/gen/trunkline/exchange/v1/exchange_service';
import type { UnaryMethod, Wire } from '../wire/wire.ts';

type Probe = (wire: Wire) => Promise<number>;

/** The gRPC status with which a method answers an empty request. */
function probe<Request, Response>(method: UnaryMethod<Request, Response>, empty: Request): Probe {
  return (wire) => wire.statusCode({ ...method, requestSerialize: () => Buffer.alloc(0) }, empty);
}

/** Every unary method, with a request of no fields at all: it changes nothing, whoever may send it. */
export const UNARY_METHODS: ReadonlyMap<string, Probe> = new Map(
  Object.values(Service).flatMap((method): [string, Probe][] => {
    if (method.requestStream || method.responseStream) return [];
    const { path } = method;
    const bare: UnaryMethod<Buffer, Buffer> = {
      path,
      requestSerialize: (bytes) => bytes,
      responseDeserialize: (bytes) => bytes,
    };
    return [[nameOf(path), probe(bare, Buffer.alloc(0))]];
  }),
);

export const ALL_METHODS: readonly string[] = Object.values(Service).map(({ path }) => nameOf(path));

/** `CHANNEL_BEST_QUOTE` and so on: all values but the two that stand for none. */
export function fullNames(prefix: string, values: Readonly<Record<string, string | number>>): string[] {
  return Object.entries(values)
    .filter(([name, value]) => typeof value === 'number' && value > 0 && name !== 'UNRECOGNIZED')
    .map(([name]) => `${prefix}_${name}`);
}

function nameOf(path: string): string {
  return path.split('/').at(-1) ?? '';
}
