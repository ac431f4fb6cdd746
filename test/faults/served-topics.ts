/** The topics that the services write and read. */
export const servedTopics = [
  'point-commands',
  'point-events',
  'reservation-commands',
  'reservation-events',
  'payment-events',
] as const
