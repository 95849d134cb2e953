/**
 * gRPC server reflection, v1 and v1alpha (the same messages under an older name, which most tools still ask first).
 * It answers from descriptors that are part of the program, so it works in a compiled file with nothing beside it.
 */
import { status as Code, type ServerDuplexStream } from '@grpc/grpc-js';
import { DESCRIPTOR_FILES, type DescriptorFile } from '@trunkline/proto/gen/descriptors';
import {
  type ServerReflectionRequest,
  type ServerReflectionResponse,
  type ServerReflectionServer,
  ServerReflectionService,
} from '@trunkline/proto/gen/grpc/reflection/v1/reflection';

type Answer = ServerReflectionResponse['messageResponse'];

/** For `server.addService`, with the same handlers as v1. */
export const ServerReflectionAlphaService = {
  serverReflectionInfo: {
    ...ServerReflectionService.serverReflectionInfo,
    path: '/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo',
  },
} as const;

export function reflectionHandlers(): ServerReflectionServer {
  return {
    serverReflectionInfo(call: ServerDuplexStream<ServerReflectionRequest, ServerReflectionResponse>) {
      call.on('data', (request: ServerReflectionRequest) => {
        call.write({ validHost: request.host, originalRequest: request, messageResponse: answer(request) });
      });
      call.on('end', () => call.end());
      // The peer is gone or has sent what is no request; grpc-js has ended the call.
      call.on('error', () => {});
    },
  };
}

export function answer({ messageRequest }: ServerReflectionRequest): Answer {
  switch (messageRequest?.$case) {
    case 'listServices': {
      const names = DESCRIPTOR_FILES.flatMap((file) => file.services);
      return { $case: 'listServicesResponse', value: { service: names.map((name) => ({ name })) } };
    }
    case 'fileByFilename':
      return filesOf(DESCRIPTOR_FILES.find((file) => file.name === messageRequest.value));
    case 'fileContainingSymbol':
      return filesOf(DESCRIPTOR_FILES.find((file) => file.symbols.includes(messageRequest.value)));
    case 'allExtensionNumbersOfType': {
      const baseTypeName = messageRequest.value;
      const isKnown = DESCRIPTOR_FILES.some((file) => file.symbols.includes(baseTypeName));
      if (!isKnown) return notFound();
      return { $case: 'allExtensionNumbersResponse', value: { baseTypeName, extensionNumber: [] } };
    }
    // proto3: there are none.
    case 'fileContainingExtension':
      return notFound();
    default:
      return { $case: 'errorResponse', value: { errorCode: Code.INVALID_ARGUMENT, errorMessage: 'nothing was asked' } };
  }
}

/** The file and all that it imports, directly or not: a client needs them to read it. */
function filesOf(file: DescriptorFile | undefined): Answer {
  if (file === undefined) return notFound();
  const names = new Set([file.name]);
  for (const name of names) {
    const dependencies = DESCRIPTOR_FILES.find((each) => each.name === name)?.dependencies ?? [];
    for (const dependency of dependencies) names.add(dependency);
  }
  const files = DESCRIPTOR_FILES.filter((each) => names.has(each.name));
  const fileDescriptorProto = files.map((each) => Buffer.from(each.descriptor, 'base64'));
  return { $case: 'fileDescriptorResponse', value: { fileDescriptorProto } };
}

function notFound(): Answer {
  return {
    $case: 'errorResponse',
    value: { errorCode: Code.NOT_FOUND, errorMessage: 'not in the contract served here' },
  };
}
