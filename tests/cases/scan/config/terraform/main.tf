resource "aws_lb_target_group" "shop" {
  port        = 4900
  deregistration_delay = 4901
}
ingress {
  from_port       = 4902
  to_port         = 4902
}
environment = [
  { name = "PORT", value = "4903" },
  {
    name  = "PORT"
    value = "4904"
  },
  {
    name  = "MAX_ITEMS"
    value = "4905"
  }
]
portMappings = [{ containerPort = 4906, hostPort = 4907 }]
container_port   = 4908
variable "shop_port" {
  default = 4909
}
