import { create, createFileRegistry, type DescExtension } from '@bufbuild/protobuf'
import {
  FileDescriptorProtoSchema,
  file_google_protobuf_descriptor,
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as Type,
} from '@bufbuild/protobuf/wkt'

/**
 * The message options that may carry a contract, as in the file proto/boxoffice/type/v1/contract.proto of Boxoffice.
 * An option is identified by its number, so that the schemas of any generator may carry them, and this package needs
 * no generated code.
 */
const numbers = { topic: 50_101, source: 50_102, key: 50_103, subject: 50_104, cause: 50_105 } as const

const packageName = 'boxoffice.type.v1'

const file = create(FileDescriptorProtoSchema, {
  name: 'boxoffice/type/v1/contract.proto',
  package: packageName,
  syntax: 'proto3',
  dependency: [file_google_protobuf_descriptor.proto.name],
  extension: Object.entries(numbers).map(([name, number]) => ({
    ...{ name, number, jsonName: name, extendee: '.google.protobuf.MessageOptions' },
    ...{ type: Type.STRING, label: Label.OPTIONAL },
  })),
})

const registry = createFileRegistry(file, () => file_google_protobuf_descriptor)

/** The option of this name; its value is text. */
export function contractOption(name: keyof typeof numbers): DescExtension {
  const option = registry.getExtension(`${packageName}.${name}`)
  if (option === undefined) throw new Error(`there is no option ${name}`)
  return option
}
