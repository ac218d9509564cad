/*
 * git_stream.c - blobs read ahead: one thread inflates while the caller works on the blob before.
 *
 * The order is the caller's list; what cannot be read comes out at its place. While a stream is
 * open its repository belongs to it. Few or no blobs ahead of the caller: without a thread the
 * same calls read one blob at a time.
 */
#include "git_impl.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum {
	SLOTS = 64,
	AHEAD = 16 << 20, /* bytes waiting to be taken, at most, but always one blob */
	WORTH = 64        /* fewer blobs are read without a thread */
};

struct slot {
	struct pm_buf bytes;
	struct pm_err err;
	int rc;
};

struct pm_stream {
	struct pm_repo *repo;
	const char *const *oids;
	size_t n, taken;
	bool threaded;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t ready, room;
	/* under the lock */
	struct slot slots[SLOTS];
	size_t filled, waiting; /* blobs read; bytes read and not taken */
	bool stop;
};

static bool has_room(const struct pm_stream *s)
{
	return s->stop || s->filled == s->taken ||
	       (s->filled - s->taken < SLOTS && s->waiting < AHEAD);
}

static void *read_ahead(void *arg)
{
	struct pm_stream *s = arg;

	pthread_mutex_lock(&s->lock);
	while (s->filled < s->n) {
		struct slot *slot = &s->slots[s->filled % SLOTS];

		while (!has_room(s))
			pthread_cond_wait(&s->room, &s->lock);
		if (s->stop)
			break;
		pthread_mutex_unlock(&s->lock);
		slot->rc = pm_repo_blob(s->repo, s->oids[s->filled], &slot->bytes, &slot->err);
		pthread_mutex_lock(&s->lock);
		s->filled++;
		s->waiting += slot->bytes.n;
		pthread_cond_signal(&s->ready);
	}
	pthread_mutex_unlock(&s->lock);
	return NULL;
}

struct pm_stream *pm_stream_open(struct pm_repo *r, const char *const *oids, size_t n)
{
	struct pm_stream *s = pm_xrealloc(NULL, sizeof(*s));

	memset(s, 0, sizeof(*s));
	s->repo = r;
	s->oids = oids;
	s->n = n;
	if (n < WORTH)
		return s;
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->ready, NULL);
	pthread_cond_init(&s->room, NULL);
	/* no thread to be had: one at a time, then */
	s->threaded = pthread_create(&s->thread, NULL, read_ahead, s) == 0;
	return s;
}

int pm_stream_next(struct pm_stream *s, struct pm_buf *out, struct pm_err *err)
{
	struct slot *slot = &s->slots[s->taken % SLOTS];
	struct pm_buf was = *out;
	int rc;

	PM_ASSERT(s->taken < s->n, "read past the end of a list of blobs");
	if (!s->threaded)
		return pm_repo_blob(s->repo, s->oids[s->taken++], out, err);
	pthread_mutex_lock(&s->lock);
	while (s->filled == s->taken)
		pthread_cond_wait(&s->ready, &s->lock);
	/* the caller's buffer is the next one to be filled here */
	*out = slot->bytes;
	slot->bytes = was;
	s->waiting -= out->n;
	s->taken++;
	/* once it counts as taken, the thread may fill the slot again */
	rc = slot->rc;
	if (rc < 0 && err)
		*err = slot->err;
	pthread_cond_signal(&s->room);
	pthread_mutex_unlock(&s->lock);
	return rc;
}

void pm_stream_close(struct pm_stream *s)
{
	if (!s)
		return;
	if (s->threaded) {
		pthread_mutex_lock(&s->lock);
		s->stop = true;
		pthread_cond_signal(&s->room);
		pthread_mutex_unlock(&s->lock);
		pthread_join(s->thread, NULL);
	}
	if (s->n >= WORTH) {
		pthread_mutex_destroy(&s->lock);
		pthread_cond_destroy(&s->ready);
		pthread_cond_destroy(&s->room);
	}
	for (size_t i = 0; i < SLOTS; i++)
		pm_buf_release(&s->slots[i].bytes);
	free(s);
}
