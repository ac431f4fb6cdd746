/** The method that requests to hold seats are remembered under. */
export const holdMethod = 'HoldSeats'
