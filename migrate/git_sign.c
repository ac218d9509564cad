/*
 * git_sign.c - signatures, by the same programs as Git: gpg, gpgsm or ssh-keygen.
 *
 * The signer is the only process that portmig starts. Which program it is comes from the user's or
 * the system's configuration; a repository may ask for signatures but cannot name a program.
 */
#include "git_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { SIGN_SECONDS = 120, SIGNATURE_MAX = 1 << 20 };

int pm_git_wants_signature(struct pm_repo *r, bool *wants, struct pm_err *err)
{
	PM_CLEAN_BUF struct pm_buf value = { 0 }, shown = { 0 };
	int yes = 0;

	/* libgit2 gives a key without value as none: that one means yes */
	if (!pm_git_setting(r, "commit.gpgsign", &value)) {
		git_config *cfg = NULL;

		if (git_repository_config_snapshot(&cfg, r->git) < 0)
			return pm_git_fail(err, PM_E_REPO, "cannot read the configuration");
		if (git_config_get_bool(&yes, cfg, "commit.gpgsign") < 0)
			yes = 0;
		git_config_free(cfg);
	} else if (git_config_parse_bool(&yes, pm_buf_str(&value)) < 0) {
		pm_excerpt(&shown, (struct pm_str){ value.v, value.n }, 0, 60);
		return pm_err_set(err, PM_E_USAGE, PM_NOWHERE,
				  "commit.gpgsign is neither true nor false: '%s'", pm_buf_str(&shown));
	}
	*wants = yes;
	return 0;
}

static int cannot_sign(struct pm_err *err, const char *why)
{
	pm_err_set(err, PM_E_REFUSED, PM_NOWHERE,
		   "cannot sign the commit (commit.gpgsign is set): %s", why);
	return pm_err_hint(err, "set gpg.program and user.signingKey in your global "
			   "configuration, or git config commit.gpgsign false");
}

struct signer {
	struct pm_buf program, key;
	const char *argv[10];
	long seconds; /* that it may take */
};

/* A token may want to be found and touched: the user may give it more time. */
static int read_limit(struct pm_repo *r, long *seconds, struct pm_err *err)
{
	PM_CLEAN_BUF struct pm_buf value = { 0 };
	char *end;

	*seconds = SIGN_SECONDS;
	if (!pm_git_trusted(r, "portmig.signseconds", &value))
		return 0;
	*seconds = strtol(value.v, &end, 10);
	if (*end || *seconds < 1 || *seconds > 86400)
		return cannot_sign(err, "portmig.signSeconds is not a number from 1 to 86400");
	return 0;
}

/* "~/.ssh/id" to what it means. False when nobody knows where home is. */
static bool expand_home(struct pm_buf *path)
{
	git_buf home = { 0 };
	bool ok;

	if (strncmp(pm_buf_str(path), "~/", 2) != 0)
		return true;
	ok = git_config_parse_path(&home, path->v) == 0;
	if (ok) {
		pm_buf_clear(path);
		pm_buf_adds(path, home.ptr);
	}
	git_buf_dispose(&home);
	return ok;
}

/* Keys that are spelled out instead of named would need a temporary file. */
static int plan_ssh(struct signer *s, struct pm_err *err)
{
	const char *key = pm_buf_str(&s->key);

	if (!*key || strncmp(key, "key::", 5) == 0 || strncmp(key, "ssh-", 4) == 0 ||
	    strchr(key, '\n'))
		return cannot_sign(err, "user.signingKey must name a key file");
	if (!expand_home(&s->key))
		return cannot_sign(err, "where user.signingKey is, nobody knows: no home");
	memcpy(s->argv, (const char *[]){ s->program.v, "-Y", "sign", "-n", "git", "-f", s->key.v,
					  NULL }, 8 * sizeof(char *));
	return 0;
}

static int plan_signer(struct pm_repo *r, const struct pm_ident *who, struct signer *s,
		       struct pm_err *err)
{
	static const struct { const char *format, *key, *program; } known[] = {
		{ "openpgp", "gpg.openpgp.program", "gpg" },
		{ "x509", "gpg.x509.program", "gpgsm" },
		{ "ssh", "gpg.ssh.program", "ssh-keygen" },
	};
	PM_CLEAN_BUF struct pm_buf format = { 0 };
	size_t i = 0;
	int rc = read_limit(r, &s->seconds, err);

	if (rc < 0)
		return rc;
	if (!pm_git_setting(r, "gpg.format", &format))
		pm_buf_adds(&format, "openpgp");
	while (i < 3 && strcmp(known[i].format, pm_buf_str(&format)) != 0)
		i++;
	if (i == 3)
		return cannot_sign(err, "gpg.format is none of openpgp, x509, ssh");
	if (!pm_git_trusted(r, known[i].key, &s->program) &&
	    (i != 0 || !pm_git_trusted(r, "gpg.program", &s->program)))
		pm_buf_adds(&s->program, known[i].program);
	if (!pm_git_setting(r, "user.signingkey", &s->key) && i != 2)
		pm_buf_addf(&s->key, "%s <%s>", who->name, who->email);
	if (*pm_buf_str(&s->key) == '-')
		return cannot_sign(err, "user.signingKey begins with a dash");
	if (i == 2)
		return plan_ssh(s, err);
	memcpy(s->argv, (const char *[]){ s->program.v, "-bsau", s->key.v, NULL },
	       4 * sizeof(char *));
	return 0;
}

/* Start the signer with its standard input and output on pipes. */
static int start(const struct signer *s, pid_t *pid, int *to, int *from)
{
	posix_spawn_file_actions_t act;
	int in[2], out[2], rc;

	if (pipe2(in, O_CLOEXEC) < 0)
		return errno;
	if (pipe2(out, O_CLOEXEC) < 0) {
		rc = errno;
		close(in[0]);
		close(in[1]);
		return rc;
	}
	posix_spawn_file_actions_init(&act);
	posix_spawn_file_actions_adddup2(&act, in[0], 0);
	posix_spawn_file_actions_adddup2(&act, out[1], 1);
	rc = posix_spawnp(pid, s->argv[0], &act, NULL, (char *const *)(uintptr_t)s->argv, environ);
	posix_spawn_file_actions_destroy(&act);
	close(in[0]);
	close(out[1]);
	*to = in[1];
	*from = out[0];
	if (rc) {
		close(in[1]);
		close(out[0]);
	}
	return rc;
}

/* Of a clock that nobody sets. */
static time_t seconds_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec;
}

/* Its status; it is killed when it does not end in time, and then false. */
static bool wait_for(pid_t pid, time_t end, int *status)
{
	const struct timespec nap = { 0, 5000000 };
	pid_t done;

	while ((done = waitpid(pid, status, WNOHANG)) == 0 && seconds_now() < end)
		nanosleep(&nap, NULL);
	if (done == pid)
		return true;
	kill(pid, SIGKILL);
	while (waitpid(pid, status, 0) < 0 && errno == EINTR)
		;
	return false;
}

/* Feed the text and collect what comes back; false on a time-out or too much output. */
static bool talk(int *to, int from, struct pm_str text, time_t end, struct pm_buf *out)
{
	char chunk[4096];

	fcntl(*to, F_SETFL, O_NONBLOCK);
	while (seconds_now() < end && out->n <= SIGNATURE_MAX) {
		struct pollfd p[2] = { { .fd = from, .events = POLLIN },
				       { .fd = *to, .events = POLLOUT } };
		ssize_t n;

		if (poll(p, *to >= 0 ? 2 : 1, 1000) < 0 && errno != EINTR)
			return false;
		if (*to >= 0 && p[1].revents) {
			n = write(*to, text.p, text.n);
			if (n > 0) {
				text.p += n;
				text.n -= (size_t)n;
			}
			if (!text.n || (n < 0 && errno != EAGAIN && errno != EINTR)) {
				close(*to);
				*to = -1;
			}
		}
		if (p[0].revents) {
			n = read(from, chunk, sizeof(chunk));
			if (n == 0)
				return true;
			if (n > 0)
				pm_buf_add(out, chunk, (size_t)n);
		}
	}
	return false;
}

int pm_git_sign(struct pm_repo *r, const struct pm_ident *committer, struct pm_str text,
		struct pm_buf *signature, struct pm_err *err)
{
	struct signer s = { 0 };
	struct sigaction ignore = { .sa_handler = SIG_IGN }, old;
	int to = -1, from = -1, status = 0, rc = plan_signer(r, committer, &s, err), why;
	char late[100];
	bool done;
	pid_t pid;
	time_t end;

	if (rc < 0)
		goto out;
	why = start(&s, &pid, &to, &from);
	if (why) {
		rc = cannot_sign(err, strerror(why));
		goto out;
	}
	/* a signer that ends early must not end us */
	sigaction(SIGPIPE, &ignore, &old);
	end = seconds_now() + s.seconds;
	done = talk(&to, from, text, end, signature);
	sigaction(SIGPIPE, &old, NULL);
	if (to >= 0)
		close(to);
	close(from);
	snprintf(late, sizeof(late), "the signing program did not end within %ld s "
		 "(portmig.signSeconds)", s.seconds);
	if (!wait_for(pid, done ? end : 0, &status))
		rc = cannot_sign(err, late);
	else if (!WIFEXITED(status) || WEXITSTATUS(status) != 0 || !signature->n ||
		 strncmp(signature->v, "-----BEGIN ", 11) != 0)
		rc = cannot_sign(err, "the signing program failed");
	/* libgit2 would make the last newline an empty line of the header */
	while (rc == 0 && signature->n && signature->v[signature->n - 1] == '\n')
		signature->v[--signature->n] = '\0';
out:
	pm_buf_release(&s.program);
	pm_buf_release(&s.key);
	return rc;
}
