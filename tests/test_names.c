/* test_names.c - what manifests say about names that belong together. */
#include "cases.h"

#include "scanner.h"

#include "base/buf.h"

#include <stdlib.h>
#include <string.h>

/* One declaration per line: kind=name ..., then ports. */
struct row {
	const char *name, *path, *in, *want;
};
static const struct row rows[] = {
	{ "package.json", "apps/web/package.json",
	  "{\n \"name\": \"@acme/web\", \"scripts\": {\"dev\": \"next dev -p 4901\"}}",
	  "package=@acme/web@2 dir=apps/web 4901\n" },
	{ "package.json at the root is the project", "package.json", "{\"name\": \"acme\"}",
	  "package=acme@1 project=acme@1\n" },
	{ "package.json that is an array", "package.json", "[1]", "" },
	{ "package.json malformed", "package.json", "{\"name\": ", "" },
	{ "package.json in node_modules", "node_modules/x/package.json", "{\"name\": \"x\"}", "" },
	{ "composer.json", "php/composer.json", "{\"name\": \"acme/shop\"}",
	  "package=acme/shop@1 dir=php\n" },
	{ "go.mod", "services/sync/go.mod", "// c\nmodule github.com/acme/sync/v2 // x\n",
	  "package=sync@2 dir=services/sync\n" },
	{ "go.mod empty", "go.mod", "", "" },
	{ "Cargo.toml", "core/Cargo.toml", "[workspace]\nname = \"no\"\n[package]\nname = \"core\"\n",
	  "package=core@4 dir=core\n" },
	{ "pyproject", "ml/pyproject.toml", "[project]\nname='ml-api' # c\n",
	  "package=ml-api@2 dir=ml\n" },
	{ "setup.cfg", "ml/setup.cfg", "[metadata]\nname = ml\n", "package=ml@2 dir=ml\n" },
	{ "pom.xml", "j/pom.xml",
	  "<project><parent><artifactId>p</artifactId></parent>\n<artifactId>orders</artifactId>",
	  "package=orders@2 dir=j\n" },
	{ "csproj", "src/Orders.Api/Orders.Api.csproj", "<Project/>",
	  "package=Orders.Api dir=src/Orders.Api\n" },
	{ "mix.exs", "ex/mix.exs", "  [\n   app: :chat,\n", "package=chat@2 dir=ex\n" },
	{ "pubspec", "app/pubspec.yaml", "name: mobile\n", "package=mobile@1 dir=app\n" },
	{ "Dockerfile", "services/api/Dockerfile", "FROM x\nEXPOSE 4900 9229/tcp\n",
	  "dir=services/api 4900 9229\n" },
	{ "Dockerfile with a name", "docker/Dockerfile.api", "expose 4900\n",
	  "image=api 4900\n" },
	{ "Dockerfile of a kind", "apps/web/Dockerfile.dev", "", "dir=apps/web\n" },
	{ "Dockerfile at the root", "Dockerfile", "EXPOSE 80\n", "" },
	{ "compose", "deploy/docker-compose.yml",
	  "name: acme\nservices:\n  api:\n    container_name: acme-api\n    image: ghcr.io/a/api:1\n"
	  "    build: {context: ../services/api, dockerfile: Dockerfile.prod}\n"
	  "    ports: ['4900:3000', {published: 4901, target: 3001}]\n"
	  "  db:\n    image: postgres:16\n    hostname: ${H}\n",
	  "project=acme@1\n"
	  "compose=api@3 container=acme-api@4 image=api@5 dir=services/api@6 4900 4901 3000 "
	  "3001\n"
	  "compose=db@8\n" },
	{ "compose with the root as context", "compose.yml",
	  "services:\n  web:\n    build: {context: ., dockerfile: apps/web/Dockerfile}\n"
	  "  old:\n    build: .\n",
	  "compose=web@2 dir=apps/web@3\ncompose=old@4\n" },
	{ "compose with a context outside", "compose.yml",
	  "services:\n  web:\n    build: {context: ../acme, dockerfile: apps/web/Dockerfile}\n"
	  "  api:\n    build: /srv/acme/api\n",
	  "compose=web@2 dir=apps/web@3\ncompose=api@4\n" },
	{ "compose run from the root", "config/compose.yml",
	  "services:\n  api:\n    build: ./apps/api\n",
	  "compose=api@2 dir=config/apps/api@3 dir=apps/api@3\n" },
	{ "compose malformed", "compose.yml", "services: [", "" },
	{ "k8s deployment", "k8s/api.yaml",
	  "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: shop-api\n"
	  "  labels: {app: shop, app.kubernetes.io/name: orders}\nspec:\n  template:\n    spec:\n"
	  "      containers:\n      - name: api\n        image: acme/shop-api:2\n"
	  "        ports: [{containerPort: 4900}]\n      - name: proxy\n        image: envoy\n",
	  "k8s=shop-api@4 project=shop@5 k8s=orders@5 container=api@10 image=shop-api@11 4900\n" },
	{ "k8s service", "k8s/svc.yaml",
	  "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\nspec:\n  selector: {app: site}\n"
	  "  ports:\n  - {port: 80, targetPort: 4901}\n",
	  "k8s=web@4 k8s=site@6 80 4901\n" },
	{ "k8s service with a kind in its name", "k8s/svc.yaml",
	  "apiVersion: v1\nkind: Service\nmetadata: {name: web-service}\n"
	  "spec: {selector: {app: web}}\n",
	  "k8s=web-service@3 k8s=web@4\n" },
	{ "prometheus exporter", "prometheus.yml",
	  "scrape_configs:\n- job_name: db\n  static_configs:\n  - targets: ['db-exporter:9187']\n",
	  "container=db-exporter@4 9187\n" },
	{ "prometheus", "prometheus.yml",
	  "scrape_configs:\n- job_name: orders\n  static_configs:\n  - targets: ['orders-api:4900']\n"
	  "- job_name: many\n  static_configs:\n  - targets: ['a:1', 'b:2']\n",
	  "job=orders@2 container=orders-api@4 4900\n" },
	{ "tunnel", "cloudflared.yml",
	  "tunnel: x\ningress:\n- hostname: api.example.com\n  service: http://localhost:4900\n"
	  "- service: http_status:404\n",
	  "hostname=api.example.com@3 4900\n" },
	{ "launchd", "ops/com.acme.api.plist",
	  "<key>Label</key>\n<string>com.acme.api</string>\n<key>WorkingDirectory</key>\n"
	  "<string>/Users/x/acme/services/api/dist</string>\n<key>PORT</key><string>4900</string>\n",
	  "job=com.acme.api@2 dir=services/api@4 4900\n" },
	{ "systemd", "ops/acme-api.service",
	  "[Service]\nWorkingDirectory=/srv/acme/apps/api\nEnvironment=PORT=4900\n",
	  "job=acme-api dir=apps/api@2 4900\n" },
	{ "Procfile", "Procfile", "web: serve --port 4900\n# c: x\nworker: run\n",
	  "job=web@1 4900\njob=worker@3\n" },
	{ "lock file", "pnpm-lock.yaml", "services:\n", "" },
	{ "other yaml", "a.yml", "a: 1\n", "" },
};

static void show(struct pm_buf *b, const struct pm_decl *d)
{
	static const char *const kinds[] = { "dir", "package", "compose", "container", "image",
					     "k8s", "job",     "hostname", "variable", "project" };

	for (size_t i = 0; i < d->n; i++) {
		pm_buf_addf(b, "%s%s=%s", i ? " " : "", kinds[d->names[i].kind],
			    d->names[i].text);
		if (d->names[i].line)
			pm_buf_addf(b, "@%u", d->names[i].line);
	}
	for (size_t i = 0; i < d->n_ports; i++)
		pm_buf_addf(b, " %u", d->ports[i]);
	pm_buf_addc(b, '\n');
}

static void read_one(struct pm_buf *b, const char *path, const char *bytes, size_t len)
{
	char *copy = pm_xrealloc(NULL, len ? len : 1);
	const struct pm_file f = { path, copy, len };
	struct pm_arena a = { 0 };
	struct pm_decls decls = { 0 };

	memcpy(copy, bytes, len);
	pm_names_read(&decls, &a, &f);
	for (size_t i = 0; b && i < decls.n; i++)
		show(b, &decls.v[i]);
	free(decls.v);
	pm_arena_release(&a);
	free(copy);
}

static void names_row(void **state)
{
	const struct row *r = *state;
	struct pm_buf b = { 0 };

	read_one(&b, r->path, r->in, strlen(r->in));
	assert_string_equal(pm_buf_str(&b), r->want);
	pm_buf_release(&b);
	for (size_t cut = 0; cut < strlen(r->in); cut++)
		read_one(NULL, r->path, r->in, cut);
}

int main(void)
{
	struct pm_cases c = { 0 };

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		pm_cases_add(&c, rows[i].name, names_row, &rows[i]);
	return pm_cases_run(&c, "names");
}
