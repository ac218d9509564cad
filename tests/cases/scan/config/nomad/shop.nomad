network {
  port "http" {
    static = 4900
    to = 4901
  }
}
resources {
  memory = 4902
}
