#!/usr/bin/env python3
"""A Trunkline client in Python: describes a connector, streams quotes, places an order and cancels it.

Stubs are made from the contract's own files, for instance with Debian's packages python3-grpcio, protobuf-compiler and
protobuf-compiler-grpc (the protoc inside python3-grpc-tools 1.14 is older than proto3's `optional`):

    protoc -I proto --python_out=stubs --grpc_python_out=stubs \\
        --plugin=protoc-gen-grpc_python=/usr/bin/grpc_python_plugin proto/trunkline/exchange/v1/*.proto

The connector must listen, and grant this client's name `tool` (to place) or at least `observe` (to look).
"""

import argparse
import json
import queue
import sys
import time


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--stubs", required=True, help="folder of the generated modules")
    parser.add_argument("--target", required=True, help="host:port of the connector")
    parser.add_argument("--connector", required=True, help="the connector's name, as in its certificate")
    parser.add_argument("--ca", required=True, help="the authority's certificate, PEM")
    parser.add_argument("--cert", help="this client's certificate, PEM")
    parser.add_argument("--key", help="this client's private key, PEM")
    parser.add_argument("--tag", default="", help="order tag of the account; without it nothing is placed")
    parser.add_argument("--quotes", type=int, default=5, help="how many quotes to wait for")
    parser.add_argument("--timeout", type=float, default=10.0, help="seconds for each call")
    return parser.parse_args()


def read(path):
    with open(path, "rb") as file:
        return file.read()


def open_channel(grpc, options):
    credentials = grpc.ssl_channel_credentials(
        root_certificates=read(options.ca),
        private_key=read(options.key) if options.key else None,
        certificate_chain=read(options.cert) if options.cert else None,
    )
    # A connector's certificate has a name of its own, whatever address it is reached at.
    name = f"{options.connector}.connector.trunkline"
    return grpc.secure_channel(options.target, credentials, options=[("grpc.ssl_target_name_override", name)])


def stream_quotes(stub, market, symbol, count, timeout):
    """The first `count` quotes of a symbol: hello with credit, subscribe, read, goodbye by ending the requests."""
    requests = queue.Queue()
    frame = market["data"].MarketDataRequestFrame
    now_us = int(time.time() * 1e6)
    hello = market["data"].MarketHello(
        protocol_version="1.0", client_id="python", sent_at_us=now_us, initial_credit=64
    )
    topic = market["data"].Topic(channel=market["data"].CHANNEL_BEST_QUOTE, symbol=symbol)
    requests.put(market["service"].MarketDataRequest(frames=[
        frame(hello=hello),
        frame(subscribe=market["data"].Subscribe(topics=[topic])),
    ]))
    quotes = []
    call = stub.MarketData(iter(requests.get, None), timeout=timeout)
    for response in call:
        for event in response.events:
            if event.WhichOneof("event") == "best_quote":
                quotes.append((event.best_quote.bid_price, event.best_quote.ask_price))
        if len(quotes) >= count:
            break
    requests.put(None)
    call.cancel()
    return quotes[:count]


def place_and_cancel(stub, service, order, symbol, price, tag, timeout):
    """A post-only order far from the market: its fate, its state at the venue, and the fate of its cancel."""
    client_order_id = f"{tag}_0_py{int(time.time() * 1000):x}"
    valid_until_us = int((time.time() + 5) * 1e6)
    placed = stub.PlaceOrder(service.PlaceOrderRequest(
        order=order.PlaceOrder(
            client_order_id=client_order_id,
            symbol=symbol,
            side=order.SIDE_BUY,
            type=order.ORDER_TYPE_LIMIT,
            time_in_force=order.TIME_IN_FORCE_GTC,
            post_only=True,
            price=price,
            quantity="0.01",
        ),
        valid_until_us=valid_until_us,
    ), timeout=timeout)
    reference = order.OrderReference(symbol=symbol, client_order_id=client_order_id)
    found = stub.GetOrder(service.GetOrderRequest(order=reference), timeout=timeout)
    cancelled = stub.CancelOrder(service.CancelOrderRequest(
        cancel=order.CancelOrder(order=reference), valid_until_us=valid_until_us
    ), timeout=timeout)
    return {
        "clientOrderId": client_order_id,
        "placed": placed.outcome.WhichOneof("fate"),
        "found": order.OrderStatus.Name(found.found.order.status),
        "cancelled": cancelled.outcome.WhichOneof("fate"),
    }


def main():
    options = parse_arguments()
    sys.path.insert(0, options.stubs)
    import grpc
    from trunkline.exchange.v1 import exchange_service_pb2 as service
    from trunkline.exchange.v1 import exchange_service_pb2_grpc as rpc
    from trunkline.exchange.v1 import market_data_pb2 as data
    from trunkline.exchange.v1 import order_pb2 as order

    with open_channel(grpc, options) as channel:
        stub = rpc.ExchangeServiceStub(channel)
        try:
            description = stub.Describe(service.DescribeRequest(), timeout=options.timeout)
            symbol = description.symbols[0]
            market = {"service": service, "data": data}
            quotes = stream_quotes(stub, market, symbol, options.quotes, options.timeout)
            result = {"account": description.account, "symbol": symbol, "quotes": quotes}
            if options.tag:
                # Far below the market, on a whole number: a multiple of any tick.
                price = str(int(float(quotes[-1][0]) * 0.98))
                result["order"] = place_and_cancel(stub, service, order, symbol, price, options.tag, options.timeout)
        except grpc.RpcError as error:
            print(json.dumps({"error": error.code().name}))
            return 1
    print(json.dumps(result))
    return 0


if __name__ == "__main__":
    sys.exit(main())
