import { MessagingError } from './messaging-error.ts'

/** @throws MessagingError CONSUMER_NOT_FOUND unless the request names the service's own consumer */
export function requireConsumer(own: string, asked: string): void {
  if (asked === own) return
  throw new MessagingError(
    'CONSUMER_NOT_FOUND',
    `This service has no consumer ${asked}; its consumer is ${own}`,
  )
}
