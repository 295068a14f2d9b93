/** Milliseconds since the epoch. Rooms that decide get a number; only rooms that wait get this function. */
export type Clock = () => number;
