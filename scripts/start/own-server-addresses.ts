import { Refusal } from './refusal.ts'

export interface OwnServers {
  /** The address of each broker, `host:port`. */
  readonly kafkaBrokers: readonly string[] | undefined
  readonly databaseUrl: string | undefined
}

/**
 * Reads the addresses of the user's own servers: `KAFKA_BROKERS` and `DATABASE_URL`. @throws Refusal for an invalid
 * address
 */
export function readOwnServers(env: NodeJS.ProcessEnv): OwnServers {
  return {
    kafkaBrokers: env.KAFKA_BROKERS ? parseBrokers(env.KAFKA_BROKERS) : undefined,
    databaseUrl: env.DATABASE_URL ? parseDatabaseUrl(env.DATABASE_URL) : undefined,
  }
}

export function parseBrokers(text: string): readonly string[] {
  return text.split(',').map((part) => {
    const broker = part.trim()
    const port = Number(
      /^[^\s:]+:(\d{1,5})$/.exec(broker)?.[1] ?? /^\[[^\s\]]+\]:(\d{1,5})$/.exec(broker)?.[1],
    )
    if (port >= 1 && port <= 65_535) return broker
    throw new Refusal(
      `KAFKA_BROKERS has "${broker}", which is not host:port: set it as in KAFKA_BROKERS=localhost:9092,other:9092.`,
    )
  })
}

export function parseDatabaseUrl(text: string): string {
  if (/^postgres(ql)?:\/\//.test(text) && URL.canParse(text)) return text
  throw new Refusal(
    'DATABASE_URL is not a URL: set it as in DATABASE_URL=postgres://user:password@host:5432/postgres.',
  )
}
