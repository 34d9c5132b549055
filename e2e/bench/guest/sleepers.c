/*
 * bench-sleepers PROCESSES THREADS: so many processes of so many threads each, the first of them among these, which all sleep
 * until they are killed. Ends when the first does: the others are told by the kernel (PR_SET_PDEATHSIG).
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

static void *sleeping(void *unused)
{
	for (;;)
		pause();
	return unused;
}

int main(int count, char **arguments)
{
	int processes, threads, left;

	if (count != 3) {
		fprintf(stderr, "usage: bench-sleepers PROCESSES THREADS\n");
		return 2;
	}
	processes = atoi(arguments[1]);
	threads = atoi(arguments[2]);
	for (left = processes - 1; left > 0; left--) {
		pid_t child = fork();

		if (child < 0) {
			perror("fork");
			return 1;
		}
		if (child == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			break;
		}
	}
	for (left = threads - 1; left > 0; left--) {
		pthread_attr_t small;
		pthread_t thread;

		pthread_attr_init(&small);
		pthread_attr_setstacksize(&small, 64 * 1024);
		if (pthread_create(&thread, &small, sleeping, NULL) != 0) {
			perror("pthread_create");
			return 1;
		}
	}
	sleeping(NULL);
}
