/*
 * driver.c - run a target without a fuzzer: over every file of the folders given, each also cut at some
 * places. Prints TAP: one test for each folder. What fails ends the process, as under a fuzzer.
 */
#include "fuzz.h"

#include <dirent.h>
#include <sys/stat.h>

enum { CUTS = 16 };

static int visible(const struct dirent *e)
{
	return e->d_name[0] != '.';
}

static char *read_file(const char *path, size_t *n)
{
	FILE *f = fopen(path, "rb");
	struct stat st;
	char *p;

	if (!f || fstat(fileno(f), &st) < 0) {
		perror(path);
		exit(2);
	}
	p = malloc((size_t)st.st_size + 1);
	*n = p ? fread(p, 1, (size_t)st.st_size, f) : 0;
	fclose(f);
	return p;
}

static void run(const char *bytes, size_t n)
{
	char *copy = fuzz_copy((struct pm_str){ bytes, n });

	LLVMFuzzerTestOneInput((const uint8_t *)copy, n);
	free(copy);
}

static size_t run_folder(const char *dir)
{
	struct dirent **names;
	int n = scandir(dir, &names, visible, alphasort);

	for (int i = 0; i < n; i++) {
		char path[4096];
		char *bytes;
		size_t len;

		snprintf(path, sizeof(path), "%s/%s", dir, names[i]->d_name);
		fprintf(stderr, "# %s\n", path);
		bytes = read_file(path, &len);
		run(bytes, len);
		for (size_t k = 0; k < CUTS && k < len; k++)
			run(bytes, len < CUTS ? k : len * k / CUTS);
		free(bytes);
		free(names[i]);
	}
	if (n >= 0)
		free(names);
	return n > 0 ? (size_t)n : 0;
}

int main(int argc, char **argv)
{
	int bad = 0;

	for (int i = 1; i < argc; i++) {
		size_t n = run_folder(argv[i]);

		bad |= n == 0;
		printf("%sok %d - %zu inputs of %s\n", n ? "" : "not ", i, n, argv[i]);
		fflush(stdout);
	}
	printf("1..%d\n", argc - 1);
	return bad;
}
