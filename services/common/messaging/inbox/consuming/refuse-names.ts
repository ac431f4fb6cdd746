export interface ConsumerNames {
  readonly name: string
  readonly source: string
  readonly handler: { readonly topics: readonly string[] }
}

/** What Kafka takes as the name of a topic (https://kafka.apache.org/documentation/#topicconfigs). */
const topicName = /^(?!\.{1,2}$)[\w.-]{1,249}$/
/** Text that headers, columns and labels take, and that is readable in lists. */
const plainText = /^[\x21-\x7e](?:[\x20-\x7e]{0,247}[\x21-\x7e])?$/

/** @throws TypeError that says which name is not valid, and what is */
export function refuseNames({ name, source, handler }: ConsumerNames): void {
  if (!isPlain(name))
    throw nameError('name', name, 'the Kafka group and the consumer in the tables, as in billing')
  if (!isPlain(source))
    throw nameError('source', source, 'the service that puts records aside, as in shop/billing')
  for (const topic of handler.topics)
    if (!topicName.test(topic))
      throw new TypeError(
        `a consumer cannot read the topic ${JSON.stringify(topic)}: 1 to 249 letters, digits, . _ -`,
      )
}

function isPlain(value: unknown): boolean {
  return typeof value === 'string' && plainText.test(value)
}

function nameError(option: string, value: unknown, meaning: string): TypeError {
  return new TypeError(
    `${option} is ${JSON.stringify(value) ?? 'missing'}: it takes 1 to 249 characters of ASCII without spaces around them, ${meaning}`,
  )
}
