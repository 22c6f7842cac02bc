/// Allocations that the calling thread has made so far; -1 where they are not counted.
long allocations_of_thread(void);
