import { topic as topicOption } from '@boxoffice/proto/boxoffice/type/v1/contract_pb.ts'
import { clone, createFileRegistry, type DescMessage, setExtension } from '@bufbuild/protobuf'
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt'

/** The same message with a contract for another topic: each test has its own topics. */
export function schemaOnTopic<Desc extends DescMessage>(schema: Desc, topic: string): Desc {
  const file = clone(FileDescriptorProtoSchema, schema.file.proto)
  const options = file.messageType.find(({ name }) => name === schema.name)?.options
  if (options === undefined) throw new Error(`${schema.typeName} has no contract`)
  setExtension(options, topicOption, topic)
  const registry = createFileRegistry(file, (name) =>
    schema.file.dependencies.find((imported) => imported.proto.name === name),
  )
  return registry.getMessage(schema.typeName) as Desc
}
