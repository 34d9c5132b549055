/*
 * lab-reader NAME THREAD PATH [repeat]: reads PATH in a task of a known name. With a THREAD other than "-" a second
 * thread, so named, does it, as in a service with workers. `repeat` reads again and again, with a short pause between.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static const char *path;
static int repeat;

static void read_once(void)
{
	char text[4096];
	ssize_t size;
	int file = open(path, O_RDONLY);

	if (file < 0) {
		perror(path);
		exit(1);
	}
	while ((size = read(file, text, sizeof(text))) > 0)
		if (write(STDOUT_FILENO, text, size) < 0)
			exit(1);
	if (size < 0) {
		perror(path);
		exit(1);
	}
	close(file);
}

static void *reading(void *name)
{
	prctl(PR_SET_NAME, name);
	read_once();
	while (repeat) {
		/* A file that no longer sleeps would otherwise keep a processor busy. */
		usleep(100 * 1000);
		read_once();
	}
	return NULL;
}

int main(int count, char **arguments)
{
	pthread_t thread;

	if (count < 4) {
		fprintf(stderr, "usage: lab-reader NAME THREAD PATH [repeat]\n");
		return 2;
	}
	path = arguments[3];
	repeat = count > 4 && strcmp(arguments[4], "repeat") == 0;
	prctl(PR_SET_NAME, arguments[1]);
	if (strcmp(arguments[2], "-") == 0) {
		reading(arguments[1]);
		return 0;
	}
	if (pthread_create(&thread, NULL, reading, arguments[2]) != 0)
		return 1;
	pthread_join(thread, NULL);
	return 0;
}
