import { type DescFile, type DescService, toBinary } from '@bufbuild/protobuf'
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt'
import type { Server } from '@grpc/grpc-js'
import { ReflectionService } from '@grpc/reflection'
import { guardForeign } from './guard-foreign.ts'

/** Serves grpc.reflection (v1 and v1alpha), so that grpcurl needs no proto files. Public. */
export function serveReflection(server: Server, services: readonly DescService[]): void {
  const names = services.map((service) => service.typeName)
  new ReflectionService(packageOf(services), { services: names }).addToServer(guardForeign(server))
}

type PackageDefinition = ConstructorParameters<typeof ReflectionService>[0]

/** The part of a proto-loader package that @grpc/reflection reads: the bytes of every file, including dependencies. */
function packageOf(services: readonly DescService[]): PackageDefinition {
  const files = new Set<DescFile>()
  for (const service of services) collect(service.file, files)
  const fileDescriptorProtos = [...files].map((file) =>
    Buffer.from(toBinary(FileDescriptorProtoSchema, file.proto)),
  )
  return { files: { format: 'Protocol Buffer 3 DescriptorProto', type: {}, fileDescriptorProtos } } as never
}

function collect(file: DescFile, files: Set<DescFile>): void {
  if (files.has(file)) return
  files.add(file)
  for (const dependency of file.dependencies) collect(dependency, files)
}
