#!/bin/sh
export PORT=${PORT:-4900}
: "${SHOP_PORT:=4901}"
uvicorn app.main:app --host 0.0.0.0 --port 4902 --reload
docker run -d -p 4903:3000 -p 127.0.0.1:4904:4905 web
kubectl port-forward svc/web 4906:80 -n shop
ssh -L 4907:db:5432 me@box
lsof -ti:4908 | xargs kill -9
nc -z localhost 4909
python3 -m http.server 4910
check_health "shop-api (4911)" "http://localhost:4911/health"
for port in 4912 4913 4914; do echo "$port"; done
ufw allow 4915/tcp
npx kill-port 4916
next dev -p 4917
cat > .env <<EOF
PORT="4918"
EOF
mkdir -p 4919
sleep 4920
head -n 4921 file
