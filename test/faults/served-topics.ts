/** The topics that the services write to and read from. */
export const servedTopics = [
  'point-commands',
  'point-events',
  'reservation-commands',
  'reservation-events',
  'payment-events',
] as const
