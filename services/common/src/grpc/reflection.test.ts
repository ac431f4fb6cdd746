import { CheckoutService } from '@boxoffice/proto/boxoffice/payment/v1/checkout_service_pb.ts'
import {
  create,
  createFileRegistry,
  type DescMessage,
  fromBinary,
  fromJson,
  toBinary,
} from '@bufbuild/protobuf'
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt'
import { Client, credentials } from '@grpc/grpc-js'
import { expect } from 'chai'
import { createTestAuth } from '../testing/auth.ts'
import { startTestServer, type TestServer } from '../testing/grpc.ts'
import { implement } from './server.ts'

describe('gRPC reflection', () => {
  let server: TestServer
  let client: Client
  before(async () => {
    const auth = await createTestAuth()
    const refuse = async (): Promise<never> => {
      throw new Error('not called')
    }
    const handlers = { checkout: refuse, getPayment: refuse, listPayments: refuse, cancelPayment: refuse }
    const service = implement(CheckoutService, { ...handlers, watchPayment: async function* () {} })
    server = await startTestServer([service], auth)
    client = new Client(server.address, credentials.createInsecure())
    await auth.dispose()
  })
  after(async () => {
    client.close()
    await server.stop()
  })

  for (const version of ['v1', 'v1alpha']) {
    describe(version, () => {
      const ask = (request: Record<string, unknown>): Promise<ReflectionAnswer> =>
        askServer(client, version, request)

      it('lists the services, without a token', async () => {
        const { listServicesResponse } = await ask({ listServices: '*' })
        const names = listServicesResponse?.service.map(({ name }) => name)
        expect(names).to.deep.equal(['boxoffice.payment.v1.CheckoutService'])
      })

      it('returns everything that a tool needs to build a request', async () => {
        // As grpcurl does: the file of the symbol first, then each import by its name.
        const files = new Map<string, Uint8Array>()
        const add = (answer: ReflectionAnswer): void => {
          for (const bytes of answer.fileDescriptorResponse?.fileDescriptorProto ?? []) {
            files.set(fromBinary(FileDescriptorProtoSchema, bytes).name, bytes)
          }
        }
        add(await ask({ fileContainingSymbol: 'boxoffice.payment.v1.CheckoutService' }))
        for (const bytes of files.values()) {
          for (const name of fromBinary(FileDescriptorProtoSchema, bytes).dependency) {
            if (!files.has(name)) add(await ask({ fileByFilename: name }))
          }
        }
        const set = create(FileDescriptorSetSchema, {
          file: [...files.values()].map((bytes) => fromBinary(FileDescriptorProtoSchema, bytes)),
        })
        const sorted = inOrder(set.file)
        const registry = createFileRegistry(create(FileDescriptorSetSchema, { file: sorted }))
        const found = registry.getService('boxoffice.payment.v1.CheckoutService')
        expect(found?.methods.map(({ name }) => name)).to.include('WatchPayment')
        expect(found?.method.checkout?.input.fields.map(({ name }) => name)).to.include('reservation_id')
      })

      it('reports an unknown symbol', async () => {
        expect((await ask({ fileContainingSymbol: 'no.such.Thing' })).errorResponse?.errorCode).to.equal(5)
      })
    })
  }
})

/** Orders files after the files that they import. */
function inOrder<File extends { name: string; dependency: string[] }>(files: readonly File[]): File[] {
  const sorted = new Set<File>()
  const visit = (file: File): void => {
    for (const name of file.dependency)
      visit(files.find((file) => file.name === name) ?? expect.fail(`no ${name}`))
    sorted.add(file)
  }
  for (const file of files) visit(file)
  return [...sorted]
}

interface ReflectionAnswer {
  readonly listServicesResponse?: { readonly service: readonly { readonly name: string }[] }
  readonly fileDescriptorResponse?: { readonly fileDescriptorProto: readonly Uint8Array[] }
  readonly errorResponse?: { readonly errorCode: number }
}

function askServer(
  client: Client,
  version: string,
  request: Record<string, unknown>,
): Promise<ReflectionAnswer> {
  return new Promise((resolve, reject) => {
    const call = client.makeBidiStreamRequest(
      `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`,
      (request: Record<string, unknown>) =>
        Buffer.from(toBinary(requestSchema, create(requestSchema, request))),
      (bytes: Buffer) => fromBinary(responseSchema, bytes) as unknown as ReflectionAnswer,
      { deadline: Date.now() + 5_000 },
    )
    call.on('data', resolve)
    call.on('error', reject)
    call.write(request)
    call.end()
  })
}

/** The part of grpc/reflection/v1/reflection.proto that the test uses; v1alpha is the same on the wire. */
const reflectionFile = createFileRegistry(
  fromJson(FileDescriptorProtoSchema, {
    name: 'reflection.proto',
    package: 'test',
    syntax: 'proto3',
    messageType: [
      {
        name: 'Request',
        field: [text('file_by_filename', 3), text('file_containing_symbol', 4), text('list_services', 7)],
      },
      {
        name: 'Response',
        field: [
          message('file_descriptor_response', 4, 'Files'),
          message('list_services_response', 6, 'Services'),
          message('error_response', 7, 'Failure'),
        ],
      },
      { name: 'Files', field: [{ ...bytes('file_descriptor_proto', 1), label: 'LABEL_REPEATED' }] },
      { name: 'Services', field: [{ ...message('service', 1, 'Service'), label: 'LABEL_REPEATED' }] },
      { name: 'Service', field: [text('name', 1)] },
      {
        name: 'Failure',
        field: [{ name: 'error_code', number: 1, type: 'TYPE_INT32', label: 'LABEL_OPTIONAL' }],
      },
    ],
  }),
  () => undefined,
)

const requestSchema = schemaOf('Request')
const responseSchema = schemaOf('Response')

function schemaOf(name: string): DescMessage {
  return reflectionFile.getMessage(`test.${name}`) ?? expect.fail(`no ${name}`)
}

function text(name: string, number: number) {
  return { name, number, type: 'TYPE_STRING', label: 'LABEL_OPTIONAL' }
}

function bytes(name: string, number: number) {
  return { name, number, type: 'TYPE_BYTES', label: 'LABEL_OPTIONAL' }
}

function message(name: string, number: number, typeName: string) {
  return { name, number, type: 'TYPE_MESSAGE', typeName: `.test.${typeName}`, label: 'LABEL_OPTIONAL' }
}
