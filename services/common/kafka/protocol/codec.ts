import { createRequire } from 'node:module'

/** The part of KafkaJS's own encoder that is used here. */
export interface Encoder {
  writeInt8(value: number): Encoder
  writeInt32(value: number): Encoder
  writeInt64(value: number | string): Encoder
  writeBoolean(value: boolean): Encoder
  writeBuffer(value: Buffer): Encoder
  writeUVarInt(value: number): Encoder
  writeUVarIntString(value: string | null): Encoder
  writeUVarIntArray(values: readonly Encoder[]): Encoder
}

/** The part of KafkaJS's own decoder that is used here. */
export interface Decoder {
  readInt16(): number
  readInt32(): number
  readInt64(): { toString(): string }
  readBoolean(): boolean
  readBytes(length: number): Buffer
  readUVarInt(): number
  readUVarIntString(): string | null
  readUVarIntArray<T>(reader: (decoder: Decoder) => T): T[] | null
}

/** Loads internal modules of KafkaJS. */
export const requireKafkaJs = createRequire(import.meta.url)

/** The id that a broker sends if it knows none. */
export const noUuid = '00000000-0000-0000-0000-000000000000'

const { encoder: EncoderOfKafkaJs, decoder: DecoderOfKafkaJs } = {
  encoder: requireKafkaJs('kafkajs/src/protocol/encoder') as new (initialSize?: number) => Encoder,
  decoder: requireKafkaJs('kafkajs/src/protocol/decoder') as new (bytes: Buffer) => Decoder,
}

/** Creates an encoder for a structure; a flexible request begins with the tagged fields of its header. */
export function encoder(): Encoder {
  return new EncoderOfKafkaJs()
}

/** Creates an encoder that holds these bytes, without a copy; nothing may be added to it. */
export function encoderOf(bytes: Buffer): Encoder {
  return Object.assign(new EncoderOfKafkaJs(0), { buf: bytes, offset: bytes.length })
}

export function decoder(bytes: Buffer): Decoder {
  return new DecoderOfKafkaJs(bytes)
}

export function uuidBytes(uuid: string): Buffer {
  return Buffer.from(uuid.replaceAll('-', ''), 'hex')
}

export function readUuid(from: Decoder): string {
  const hex = from.readBytes(16).toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}

/** Skips tagged fields; KafkaJS's own function takes each for one byte too short. */
export function skipTaggedFields(from: Decoder): void {
  for (let fields = from.readUVarInt(); fields > 0; fields--) {
    from.readUVarInt()
    from.readBytes(from.readUVarInt())
  }
}
