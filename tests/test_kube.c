/* test_kube.c - Kubernetes manifests as values. */
#include "cases.h"

#include "kube.h"

#include <stdlib.h>
#include <string.h>

static const char text[] =
	"apiVersion: apps/v1\n"
	"kind: Deployment\n"
	"metadata: {name: shop, namespace: store}\n"
	"spec:\n"
	"  template:\n"
	"    metadata: {labels: {app: shop, tier: back}}\n"
	"    spec:\n"
	"      containers:\n"
	"        - name: shop\n"
	"          env: [{name: PORT, value: \"4900\"}, {name: X, value: y}]\n"
	"          ports: [{name: http, containerPort: 4900}, {containerPort: 9100}]\n"
	"          livenessProbe: {httpGet: {port: http}}\n"
	"          readinessProbe: {tcpSocket: {port: 4900, host: elsewhere}}\n"
	"        - {name: side}\n"
	"---\n"
	"apiVersion: v1\n"
	"kind: List\n"
	"items:\n"
	"  - kind: Service\n"
	"    metadata: {name: shop}\n"
	"    spec: {selector: {app: shop}, ports: [{port: 80, targetPort: http}, {port: 81}]}\n"
	"  - kind: Ingress\n"
	"    metadata: {name: old}\n"
	"    spec: {defaultBackend: {serviceName: shop, servicePort: 80}}\n"
	"  - kind: NetworkPolicy\n"
	"    metadata: {name: in}\n"
	"    spec:\n"
	"      podSelector: {matchLabels: {app: shop}}\n"
	"      ingress: [{ports: [{port: 4900}]}, {from: []}]\n";

static struct pm_kube read_text(struct pm_arena *a, const char *path, const char *bytes, size_t n)
{
	struct pm_file f = { path, bytes, n };
	struct pm_kube k = { 0 };

	pm_kube_read(&k, a, &f);
	return k;
}

static void values(void **state)
{
	struct pm_arena a = { 0 };
	struct pm_kube k = read_text(&a, "k8s/app.yaml", text, sizeof(text) - 1);
	const struct pm_kube_object *o = k.v;

	(void)state;
	assert_int_equal(k.n, 4);
	assert_string_equal(o[0].space, "store");
	assert_int_equal(o[0].n_labels, 2);
	assert_int_equal(o[0].n_containers, 2);
	assert_int_equal(o[0].containers[0].told.number, 4900);
	assert_int_equal(o[0].containers[0].told.line, 10);
	assert_int_equal(o[0].containers[0].n_ports, 2);
	assert_string_equal(o[0].containers[0].ports[0].name, "http");
	assert_int_equal(o[0].containers[0].ports[0].number.line, 11);
	assert_int_equal(o[0].containers[0].ports[0].number.col, 47);
	assert_int_equal(o[0].containers[0].n_probes, 1); /* the other asks another host */
	assert_string_equal(o[0].containers[0].probes[0].ref.name, "http");
	assert_string_equal(o[1].kind, "Service");
	assert_int_equal(o[1].n_ports, 2);
	assert_string_equal(o[1].ports[0].target.name, "http");
	assert_int_equal(o[1].ports[1].target.number, 81); /* the port itself */
	assert_int_equal(o[2].n_uses, 1);
	assert_string_equal(o[2].uses[0].service, "shop");
	assert_int_equal(o[2].uses[0].ref.number, 80);
	assert_int_equal(o[3].uses[0].ref.number, 4900);
	assert_true(o[3].open); /* its second rule names no port */
	PM_VEC_FREE(&k);
	pm_arena_release(&a);
}

static void others(void **state)
{
	static const char *const none[] = {
		"", "a: 1\n", "apiVersion: v1\nkind: Service\n", "apiVersion: v1\nkind: Service\n- x\n",
		"apiVersion: v1\nkind: Service\nmetadata: {name: x}\nspec: none\n",
		"apiVersion: v1\nkind: Service\nmetadata: [x]\nspec: {}\n",
		"apiVersion: v1\nkind: Service\nmetadata: {name: {{ .Values.name }}}\nspec: {}\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		struct pm_arena a = { 0 };
		struct pm_kube k = read_text(&a, "x.yaml", none[i], strlen(none[i]));

		assert_int_equal(k.n, 0);
		PM_VEC_FREE(&k);
		pm_arena_release(&a);
	}
}

/* Cut at every byte: some objects or none, never a crash. */
static void cut(void **state)
{
	(void)state;
	for (size_t n = 0; n < sizeof(text); n++) {
		char *copy = pm_xrealloc(NULL, n + 1);
		struct pm_arena a = { 0 };
		struct pm_kube k;

		memcpy(copy, text, n);
		k = read_text(&a, "k8s/app.yaml", copy, n);
		PM_VEC_FREE(&k);
		pm_arena_release(&a);
		free(copy);
	}
}

int main(void)
{
	struct pm_cases c = { 0 };

	pm_cases_add(&c, "kube values", values, NULL);
	pm_cases_add(&c, "kube other files", others, NULL);
	pm_cases_add(&c, "kube cut at every byte", cut, NULL);
	return pm_cases_run(&c, "kube");
}
