/** The method name under which requests to hold seats are remembered. */
export const holdMethod = 'HoldSeats'
